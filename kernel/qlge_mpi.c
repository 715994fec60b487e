// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware mailbox, asynchronous events, link state.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>

#include "qlge.h"

#define QLGE_MBOX_TIMEOUT_MS	5000
#define QLGE_IDC_TIMEOUT_MS	1000
/* The unit of an extension is not documented; seconds are generous. */
#define QLGE_IDC_EXTEND_MAX	15
#define QLGE_MBOX_POLL_US	1000
/* From the firmware's event to its interrupt. */
#define QLGE_IRQ_TIMEOUT_US	1000000
/* Known drivers give pause and reset of the processor 100 or 300 ms. */
#define QLGE_CSR_POLL_US	1000
#define QLGE_CSR_TIMEOUT_US	300000
/* What restarted firmware is given before it is asked. */
#define QLGE_MPI_RESTART_MS	1000
/* The owner finds out within six checks, and needs two tries at most. */
#define QLGE_MPI_OWNER_WAIT	(60 * HZ)
/* Every so many checks the firmware is asked; the others read a register. */
#define QLGE_MPI_ASK_CHECKS	6
/* Questions in a row that may find the mailbox busy. */
#define QLGE_MPI_FAILED_CHECKS	3
/* Visits of the service work that may find the mailbox busy: 5 s. */
#define QLGE_MPI_BUSY_EVENTS	10
/* Events taken in a row before the rest must wait for another work run. */
#define QLGE_EVENT_BUDGET	32

static u32 qlge_mbi(const struct qlge_adapter *adapter)
{
	return adapter->port ? PROC_ADDR_FUNC2_MBI : PROC_ADDR_FUNC0_MBI;
}

static u32 qlge_mbo(const struct qlge_adapter *adapter)
{
	return adapter->port ? PROC_ADDR_FUNC2_MBO : PROC_ADDR_FUNC0_MBO;
}

static int qlge_mbox_read(struct qlge_adapter *adapter, u32 *out, int n)
{
	int err, i;

	err = qlge_sem_lock(adapter, SEM_PROC_REG);
	if (err)
		return err;
	for (i = 0; i < n && !err; i++)
		err = qlge_proc_read(adapter, qlge_mbo(adapter) + i, &out[i]);
	qlge_sem_unlock(adapter, SEM_PROC_REG);
	return err;
}

static int qlge_mbox_write(struct qlge_adapter *adapter, const u32 *in, int n)
{
	int err, i;

	if (qlge_read(adapter, CSR) & CSR_HRI)
		return -EBUSY;
	err = qlge_sem_lock(adapter, SEM_PROC_REG);
	if (err)
		return err;
	for (i = 0; i < n && !err; i++)
		err = qlge_proc_write(adapter, qlge_mbi(adapter) + i, in[i]);
	if (!err)
		qlge_write(adapter, CSR, CSR_CMD_SET_H2R_INT);
	qlge_sem_unlock(adapter, SEM_PROC_REG);
	return err;
}

static void qlge_mbox_ack(struct qlge_adapter *adapter)
{
	qlge_write(adapter, CSR, CSR_CMD_CLR_R2PCI_INT);
}

static int qlge_mbox_wait(struct qlge_adapter *adapter, unsigned long deadline)
{
	u32 sts;

	for (;;) {
		bool late = time_after(jiffies, deadline);

		sts = qlge_read(adapter, STS);
		if (qlge_gone(adapter, sts))
			return -EIO;
		if (sts & STS_PI)
			return 0;
		if (late)
			return -ETIMEDOUT;
		usleep_range(QLGE_MBOX_POLL_US, 2 * QLGE_MBOX_POLL_US);
	}
}

static bool qlge_is_completion(u32 word)
{
	return (word & 0xf000) == 0x4000 || word == MB_CMD_STS_INTRMDT;
}

/*
 * Another function wants to do something to the firmware or the link. The
 * answer is a mailbox command of its own, so it is kept for later.
 */
static void qlge_idc_request(struct qlge_adapter *adapter, const u32 *out)
{
	switch (FIELD_GET(IDC_OP_MASK, out[1])) {
	case MB_CMD_IOP_PREP_LINK_DOWN:
	case MB_CMD_IOP_RESTART_MPI:
	case MB_CMD_STOP_FW:
	case MB_CMD_PORT_RESET:
		netif_carrier_off(adapter->netdev);
		fallthrough;
	case MB_CMD_SET_PORT_CFG:
		adapter->idc_reprogram = true;
	}
	/*
	 * A time-out of 0 asks for no acknowledgment. One that finds no room
	 * is left to the firmware, which completes what nobody answers.
	 */
	if (FIELD_GET(IDC_TIMEOUT_MASK, out[1]) &&
	    adapter->idc_acks < QLGE_IDC_ACK_MAX)
		memcpy(adapter->idc_ack[adapter->idc_acks++], &out[1],
		       sizeof(adapter->idc_ack[0]));
}

/*
 * Take one event whose word 0 is in @word.
 * Return: -EREMOTEIO if the firmware has failed and drops the pending
 * command; or the error of the access.
 */
static int qlge_aen(struct qlge_adapter *adapter, u32 word)
{
	u32 out[5] = { };
	int err;

	err = qlge_mbox_read(adapter, out, ARRAY_SIZE(out));
	qlge_mbox_ack(adapter);
	if (err)
		return err;

	switch (word) {
	case AEN_LINK_UP:
		adapter->link_status = out[1];
		if (adapter->idc_reprogram) {
			adapter->idc_reprogram = false;
			qlge_schedule_event(adapter, QLGE_EV_FW_INIT);
		}
		fallthrough;
	case AEN_LINK_DOWN:
	case AEN_AEN_LOST:
		qlge_schedule_event(adapter, QLGE_EV_LINK);
		break;
	case AEN_FW_INIT_DONE:
		adapter->fw_rev = out[1];
		adapter->mbox_dead = false;
		/* What was asked of the old firmware nobody waits for. */
		adapter->idc_acks = 0;
		qlge_schedule_event(adapter, QLGE_EV_FW_INIT);
		break;
	case AEN_IDC_CMPLT:
		adapter->idc_complete = true;
		break;
	case AEN_IDC_EXT:
		adapter->idc_extend += FIELD_GET(IDC_TIMEOUT_MASK, out[1]);
		adapter->idc_extend = min(adapter->idc_extend,
					  QLGE_IDC_EXTEND_MAX);
		break;
	case AEN_IDC_REQ:
		qlge_idc_request(adapter, out);
		break;
	case AEN_SYS_ERR:
	case AEN_FW_INIT_FAIL:
		netdev_err(adapter->netdev, "firmware error %#x\n", word);
		qlge_schedule_reset(adapter, QLGE_RESET_FIRMWARE);
		return -EREMOTEIO;
	case AEN_DCBX_CHG:
	case AEN_AEN_SFP_IN:
	case AEN_AEN_SFP_OUT:
		break;
	default:
		netdev_dbg(adapter->netdev, "unknown firmware event %#x\n",
			   word);
	}
	return 0;
}

/*
 * Take what waits in the mailbox, so that the answer to a command that timed
 * out is not taken for that of the next.
 */
static int qlge_mbox_drain(struct qlge_adapter *adapter)
{
	int err = 0, n;

	for (n = 0; n < QLGE_EVENT_BUDGET && !err; n++) {
		u32 sts = qlge_read(adapter, STS), word;

		if (qlge_gone(adapter, sts))
			return -EIO;
		if (!(sts & STS_PI))
			return 0;
		err = qlge_mbox_read(adapter, &word, 1);
		if (err)
			break;
		if (qlge_is_completion(word))
			qlge_mbox_ack(adapter);
		else
			err = qlge_aen(adapter, word);
	}
	return err;
}

static int __qlge_mbox(struct qlge_adapter *adapter, const u32 *in, int nin,
		       u32 *out, int nout)
{
	unsigned long deadline = jiffies +
				 msecs_to_jiffies(QLGE_MBOX_TIMEOUT_MS);
	u32 word;
	int err;

	err = qlge_mbox_drain(adapter);
	if (!err)
		err = qlge_mbox_write(adapter, in, nin);
	if (err)
		return err;
	for (;;) {
		err = qlge_mbox_wait(adapter, deadline);
		if (err)
			return err;
		err = qlge_mbox_read(adapter, &word, 1);
		if (err)
			return err;
		if (qlge_is_completion(word))
			break;
		err = qlge_aen(adapter, word);
		if (err)
			return err;
		/* Events without end must not keep us here. */
		if (time_after(jiffies, deadline))
			return -ETIMEDOUT;
	}
	err = qlge_mbox_read(adapter, out, nout);
	qlge_mbox_ack(adapter);
	return err;
}

/* Answer the requests of other functions that came meanwhile. */
static void qlge_mbox_send_acks(struct qlge_adapter *adapter)
{
	int n;

	/* More may come meanwhile, and come without end. */
	for (n = 0; n < 2 * QLGE_IDC_ACK_MAX && adapter->idc_acks; n++) {
		u32 in[5] = { MB_CMD_IDC_ACK }, status;

		memcpy(&in[1], adapter->idc_ack[0],
		       sizeof(adapter->idc_ack[0]));
		adapter->idc_acks--;
		memmove(adapter->idc_ack[0], adapter->idc_ack[1],
			adapter->idc_acks * sizeof(adapter->idc_ack[0]));
		if (__qlge_mbox(adapter, in, ARRAY_SIZE(in), &status, 1))
			return;
	}
}

/*
 * One command. @in[0] is the opcode, @out[0] the status on return. Once the
 * firmware has not answered, no other command waits for it until it restarts.
 * Context: process, mbox_lock.
 */
static int qlge_mbox(struct qlge_adapter *adapter, const u32 *in, int nin,
		     u32 *out, int nout)
{
	int err;

	lockdep_assert_held(&adapter->mbox_lock);
	if (adapter->mbox_dead)
		return -ETIMEDOUT;
	qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI, 0);
	err = __qlge_mbox(adapter, in, nin, out, nout);
	if (!err)
		qlge_mbox_send_acks(adapter);
	if (err == -ETIMEDOUT) {
		adapter->mbox_dead = true;
		netdev_err(adapter->netdev,
			   "firmware does not answer command %#x\n", in[0]);
		qlge_schedule_reset(adapter, QLGE_RESET_FIRMWARE);
	}
	if (adapter->pi_enabled)
		qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI,
				  INTR_MASK_PI);
	return err;
}

/* One command that must succeed. Context: process, mbox_lock. */
static int qlge_mbox_good(struct qlge_adapter *adapter, const u32 *in, int nin,
			  u32 *out, int nout)
{
	int err = qlge_mbox(adapter, in, nin, out, nout);

	return err ?: out[0] == MB_CMD_STS_GOOD ? 0 : -EIO;
}

/* The same. Context: process. */
static int qlge_mpi_cmd(struct qlge_adapter *adapter, const u32 *in, int nin,
			u32 *out, int nout)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_mbox_good(adapter, in, nin, out, nout);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/**
 * qlge_mpi_traffic_ctl - stop or resume management traffic
 * @adapter: adapter
 * @ctl: MB_SET_MPI_TFK_STOP or MB_SET_MPI_TFK_RESUME
 *
 * The firmware answers "error" when it already is in that state; that is
 * success here.
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_mpi_traffic_ctl(struct qlge_adapter *adapter, u32 ctl)
{
	u32 in[] = { MB_CMD_SET_MGMNT_TFK_CTL, ctl }, status;
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_mbox(adapter, in, ARRAY_SIZE(in), &status, 1);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/* The one question that both kinds of card answer. Context: mbox_lock. */
static int qlge_mpi_ask(struct qlge_adapter *adapter, u32 *state)
{
	u32 in = MB_CMD_GET_MGMNT_TFK_CTL, out[2] = { };
	int err;

	err = qlge_mbox_good(adapter, &in, 1, out, ARRAY_SIZE(out));
	if (!err)
		*state = out[1];
	return err;
}

/**
 * qlge_mpi_traffic_state - ask for the state of management traffic
 * @adapter: adapter
 * @state: MB_GET_MPI_TFK_* bits
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_mpi_traffic_state(struct qlge_adapter *adapter, u32 *state)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_mpi_ask(adapter, state);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/* Wait for the IDC completion of a command. Context: process, mbox_lock. */
static int qlge_idc_wait(struct qlge_adapter *adapter)
{
	unsigned long start = jiffies;
	int err = 0;

	while (!adapter->idc_complete && !err) {
		unsigned long deadline = start + adapter->idc_extend * HZ +
					 msecs_to_jiffies(QLGE_IDC_TIMEOUT_MS);

		err = qlge_mbox_wait(adapter, deadline);
		if (!err)
			err = qlge_mbox_drain(adapter);
		if (!err)
			qlge_mbox_send_acks(adapter);
		if (!err && !adapter->idc_complete &&
		    time_after(jiffies, deadline))
			err = -ETIMEDOUT;
	}
	return err;
}

static int qlge_set_port_cfg(struct qlge_adapter *adapter, u32 link_cfg)
{
	u32 in[] = { MB_CMD_SET_PORT_CFG, link_cfg, CFG_DEFAULT_MAX_FRAME_SIZE };
	u32 status = 0;
	int err;

	adapter->idc_complete = false;
	adapter->idc_extend = 0;
	err = qlge_mbox(adapter, in, ARRAY_SIZE(in), &status, 1);
	if (err)
		return err;
	if (status == MB_CMD_STS_INTRMDT)
		return qlge_idc_wait(adapter);
	return status == MB_CMD_STS_GOOD ? 0 : -EIO;
}

/*
 * Change the port configuration where it is not as wanted, long frames
 * included. Context: process, mbox_lock.
 */
static int qlge_change_port_cfg(struct qlge_adapter *adapter, u32 mask, u32 val)
{
	u32 in = MB_CMD_GET_PORT_CFG, out[3] = { }, cfg;
	int err;

	err = qlge_mbox_good(adapter, &in, 1, out, ARRAY_SIZE(out));
	if (err)
		return err;
	cfg = (out[1] & ~mask) | val | CFG_JUMBO_FRAME_SIZE;
	if (out[1] == cfg && out[2] == CFG_DEFAULT_MAX_FRAME_SIZE)
		return 0;
	return qlge_set_port_cfg(adapter, cfg);
}

/*
 * No loopback, and flow control only if the user insists: the firmware's is
 * faulty (Documentation/hardware/errata.rst). Flow control per priority is
 * left to the firmware: what DCB has negotiated is also for the FCoE function
 * of the port. Context: process, mbox_lock.
 */
static int qlge_init_port_cfg(struct qlge_adapter *adapter)
{
	int err;

	err = qlge_change_port_cfg(adapter, CFG_LOOPBACK_MASK | CFG_PAUSE_STD,
				   adapter->pause ? CFG_PAUSE_STD : 0);
	if (!err || adapter->mbox_dead)
		return err;
	/* Better a port with the wrong flow control than none. */
	netdev_warn(adapter->netdev, "firmware keeps its flow control: %d\n",
		    err);
	return qlge_change_port_cfg(adapter, 0, 0);
}

static int qlge_ask_fw_rev(struct qlge_adapter *adapter)
{
	u32 in = MB_CMD_ABOUT_FW, out[2] = { };
	int err;

	err = qlge_mbox_good(adapter, &in, 1, out, ARRAY_SIZE(out));
	if (!err)
		adapter->fw_rev = out[1];
	return err;
}

static int qlge_mpi_handshake(struct qlge_adapter *adapter)
{
	u32 in = MB_CMD_GET_FW_STATE, out[2] = { };
	int err;

	err = qlge_ask_fw_rev(adapter);
	if (!err)
		err = qlge_mbox_good(adapter, &in, 1, out, ARRAY_SIZE(out));
	if (!err && (out[1] & 1))
		err = -EIO;
	return err ?: qlge_init_port_cfg(adapter);
}

/**
 * qlge_mpi_owner - may this function reset or dump the firmware?
 * @adapter: adapter
 *
 * The lower-numbered NIC function may, or the other if that is not enabled.
 *
 * Context: any. Return: whether it may.
 */
bool qlge_mpi_owner(struct qlge_adapter *adapter)
{
	return adapter->func < adapter->alt_func ||
	       !(qlge_read(adapter, STS) & BIT(8 + adapter->alt_func));
}

/**
 * qlge_mpi_soft_reset - restart the management processor
 * @adapter: adapter
 *
 * Context: process, mbox_lock. Return: 0 or a negative errno.
 */
int qlge_mpi_soft_reset(struct qlge_adapter *adapter)
{
	bool owned;
	int err;

	lockdep_assert_held(&adapter->mbox_lock);
	owned = qlge_proc_lock(adapter);
	err = qlge_proc_write(adapter, MPI_SOFT_RESET, 1);
	qlge_proc_unlock(adapter, owned);
	adapter->idc_acks = 0;
	adapter->mbox_dead = false;
	return err;
}

static int qlge_csr_wait(struct qlge_adapter *adapter, u32 bit)
{
	u32 val;
	int err;

	err = read_poll_timeout(qlge_read, val, (val & bit) || val == ~0,
				QLGE_CSR_POLL_US, QLGE_CSR_TIMEOUT_US, false,
				adapter, CSR);
	return qlge_gone(adapter, val) ? -EIO : err;
}

/**
 * qlge_mpi_hard_reset - hold the management processor in reset, and let go
 * @adapter: adapter
 *
 * Context: process, mbox_lock. Return: 0 or a negative errno.
 */
int qlge_mpi_hard_reset(struct qlge_adapter *adapter)
{
	int err;

	lockdep_assert_held(&adapter->mbox_lock);
	qlge_write(adapter, CSR, CSR_CMD_SET_RST);
	err = qlge_csr_wait(adapter, CSR_RR);
	qlge_write(adapter, CSR, CSR_CMD_CLR_RST);
	adapter->idc_acks = 0;
	adapter->mbox_dead = false;
	return err;
}

/**
 * qlge_mpi_pause - halt the management processor
 * @adapter: adapter
 *
 * Context: process, mbox_lock. Return: 0 or a negative errno.
 */
int qlge_mpi_pause(struct qlge_adapter *adapter)
{
	qlge_write(adapter, CSR, CSR_CMD_SET_PAUSE);
	return qlge_csr_wait(adapter, CSR_RP);
}

/**
 * qlge_mpi_unpause - undo qlge_mpi_pause()
 * @adapter: adapter
 *
 * Context: process, mbox_lock. Return: 0, or -EIO if it was not paused.
 */
int qlge_mpi_unpause(struct qlge_adapter *adapter)
{
	u32 csr = qlge_read(adapter, CSR);

	if (qlge_gone(adapter, csr) || !(csr & CSR_RP))
		return -EIO;
	qlge_write(adapter, CSR, CSR_CMD_CLR_PAUSE);
	return 0;
}

/**
 * qlge_mpi_read_ram - have the firmware copy its memory to the host
 * @adapter: adapter
 * @addr: word address
 * @words: how many
 * @dma: where to
 *
 * Context: process, mbox_lock. Return: 0 or a negative errno.
 */
int qlge_mpi_read_ram(struct qlge_adapter *adapter, u32 addr, u32 words,
		      dma_addr_t dma)
{
	u32 lo = lower_32_bits(dma), hi = upper_32_bits(dma), status;
	u32 in[] = {
		MB_CMD_DUMP_RISC_RAM, addr & 0xffff, lo >> 16, lo & 0xffff,
		words >> 16, words & 0xffff, hi >> 16, hi & 0xffff,
		addr >> 16,
	};

	return qlge_mbox_good(adapter, in, ARRAY_SIZE(in), &status, 1);
}

/*
 * Restart the firmware until it answers: softly, then hard. The function that
 * does not own it waits for the other one to do that.
 * Context: process, mbox_lock.
 */
static int qlge_mpi_restart(struct qlge_adapter *adapter)
{
	int err = 0, hard;
	u32 state;

	for (hard = 0; hard < 2; hard++) {
		bool owner = qlge_mpi_owner(adapter);

		if (owner)
			err = hard ? qlge_mpi_hard_reset(adapter) :
				     qlge_mpi_soft_reset(adapter);
		if (!err) {
			msleep(QLGE_MPI_RESTART_MS);
			adapter->mbox_dead = false;
			err = adapter->is_8012 ?
			      qlge_mpi_ask(adapter, &state) :
			      qlge_mpi_handshake(adapter);
		}
		if (!err || test_bit(QLGE_F_GONE, &adapter->flags))
			break;
		if (owner)
			netdev_warn(adapter->netdev,
				    "firmware does not start after a %s reset: %d\n",
				    hard ? "hard" : "soft", err);
		/* Its own failure must not stop the other kind of reset. */
		if (!hard)
			err = 0;
	}
	/* What was found while trying has been dealt with, or never will. */
	clear_bit(QLGE_RESET_FIRMWARE, &adapter->errors);
	return err;
}

/**
 * qlge_mpi_recover - restart firmware that has failed
 * @adapter: adapter
 *
 * The other function may own it, be up, and not know yet.
 *
 * Context: process; holds up every mailbox command for up to 15 s at a time.
 * Return: 0, or a negative errno if it stays dead.
 */
int qlge_mpi_recover(struct qlge_adapter *adapter)
{
	unsigned long deadline = jiffies + QLGE_MPI_OWNER_WAIT;
	bool owner;
	int err;

	do {
		mutex_lock(&adapter->mbox_lock);
		/* Somebody may be resetting the device by now. */
		if (!netif_device_present(adapter->netdev)) {
			mutex_unlock(&adapter->mbox_lock);
			return -EIO;
		}
		owner = qlge_mpi_owner(adapter);
		netdev_warn(adapter->netdev, owner ?
			    "restarting the firmware\n" :
			    "the other function restarts the firmware\n");
		err = qlge_mpi_restart(adapter);
		mutex_unlock(&adapter->mbox_lock);
	} while (err && !owner && test_bit(QLGE_F_UP, &adapter->flags) &&
		 !test_bit(QLGE_F_GONE, &adapter->flags) &&
		 time_before(jiffies, deadline));
	/* In case the event that says so went to the wrong function. */
	if (!err)
		qlge_schedule_event(adapter, QLGE_EV_FW_INIT);
	return err;
}

static bool qlge_link_is_up(struct qlge_adapter *adapter)
{
	u32 need = STS_PL(adapter->port) | STS_PORT_INIT(adapter->port);
	u32 sts = qlge_read(adapter, STS);

	return (sts & need) == need && !qlge_gone(adapter, sts);
}

/**
 * qlge_mpi_check - look after firmware and link
 * @adapter: adapter
 *
 * Events and interrupts can be lost and firmware can die without a word: one
 * command now and then fetches the ones and finds out about the other.
 *
 * Context: process (service work).
 */
void qlge_mpi_check(struct qlge_adapter *adapter)
{
	u32 state;

	if (qlge_link_is_up(adapter) != netif_carrier_ok(adapter->netdev))
		qlge_schedule_event(adapter, QLGE_EV_LINK);
	if (++adapter->checks % QLGE_MPI_ASK_CHECKS)
		return;
	mutex_lock(&adapter->mbox_lock);
	/*
	 * A time-out has reported itself, unless the interface was down.
	 * Firmware that died with the semaphore of the mailbox shows only by
	 * never giving it back. As long as it does so its restart is asked for
	 * again and again; qlge_mpi_events() does it once.
	 */
	if (!qlge_mpi_ask(adapter, &state))
		adapter->failed_checks = 0;
	else if (++adapter->failed_checks % QLGE_MPI_FAILED_CHECKS == 0)
		qlge_schedule_reset(adapter, QLGE_RESET_FIRMWARE);
	mutex_unlock(&adapter->mbox_lock);
}

/**
 * qlge_mpi_version - read the firmware revision
 * @adapter: adapter
 *
 * Context: process. Return: 0 with fw_rev set, or a negative errno.
 */
int qlge_mpi_version(struct qlge_adapter *adapter)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_ask_fw_rev(adapter);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/**
 * qlge_mpi_port_config - firmware handshake and port configuration, id 8000
 * @adapter: adapter
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_mpi_port_config(struct qlge_adapter *adapter)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_mpi_handshake(adapter);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/**
 * qlge_mpi_port_init - qlge_mpi_port_config() of a port that is starting
 * @adapter: adapter
 *
 * Firmware that does not answer, or says that it has failed, is restarted
 * and asked once more: while the interface is down nobody else would.
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_mpi_port_init(struct qlge_adapter *adapter)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_mpi_handshake(adapter);
	if (err && !test_bit(QLGE_F_GONE, &adapter->flags)) {
		netdev_warn(adapter->netdev, "restarting the firmware: %d\n",
			    err);
		err = qlge_mpi_restart(adapter);
	}
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/**
 * qlge_mpi_port_cfg - port configuration of id 8012
 * @adapter: adapter
 *
 * There the host sets up the MAC and the firmware keeps flow control and
 * loopback. Frames pass without its consent, so a failure is told only.
 *
 * Context: process.
 */
void qlge_mpi_port_cfg(struct qlge_adapter *adapter)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_init_port_cfg(adapter);
	mutex_unlock(&adapter->mbox_lock);
	if (err)
		netdev_warn(adapter->netdev,
			    "port configuration is unknown: %d\n", err);
}

/**
 * qlge_mpi_loopback - make the port send to itself, or not
 * @adapter: adapter
 * @on: which; bringing the port up switches it off as well
 *
 * Context: process, RTNL. Return: 0 or a negative errno.
 */
int qlge_mpi_loopback(struct qlge_adapter *adapter, bool on)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_change_port_cfg(adapter, CFG_LOOPBACK_MASK,
				   on ? CFG_LOOPBACK_PCS : 0);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/**
 * qlge_mpi_get_pause - is flow control on?
 * @adapter: adapter
 * @on: result
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_mpi_get_pause(struct qlge_adapter *adapter, bool *on)
{
	u32 in = MB_CMD_GET_PORT_CFG, out[2] = { };
	int err;

	err = qlge_mpi_cmd(adapter, &in, 1, out, ARRAY_SIZE(out));
	if (!err)
		*on = out[1] & CFG_PAUSE_STD;
	return err;
}

/**
 * qlge_mpi_set_pause - switch flow control, now and whenever the port comes up
 * @adapter: adapter
 * @on: both directions; the firmware does not tell them apart
 *
 * Context: process. Return: 0, or a negative errno and it is as before.
 */
int qlge_mpi_set_pause(struct qlge_adapter *adapter, bool on)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_change_port_cfg(adapter, CFG_PAUSE_STD,
				   on ? CFG_PAUSE_STD : 0);
	if (!err)
		WRITE_ONCE(adapter->pause, on);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/**
 * qlge_mpi_get_led - what the LED does
 * @adapter: adapter
 * @led: result, for qlge_mpi_set_led()
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_mpi_get_led(struct qlge_adapter *adapter, u32 *led)
{
	u32 in = MB_CMD_GET_LED_CFG, out[2] = { };
	int err;

	err = qlge_mpi_cmd(adapter, &in, 1, out, ARRAY_SIZE(out));
	if (!err)
		*led = out[1];
	return err;
}

/**
 * qlge_mpi_set_led - say what the LED shall do
 * @adapter: adapter
 * @led: QL_LED_BLINK or a value read before
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_mpi_set_led(struct qlge_adapter *adapter, u32 led)
{
	u32 in[] = { MB_CMD_SET_LED_CFG, led }, status;

	return qlge_mpi_cmd(adapter, in, ARRAY_SIZE(in), &status, 1);
}

/**
 * qlge_mpi_irq_test - does the firmware interrupt?
 * @adapter: adapter; the handlers are those of qlge_irq_request_test()
 *
 * Any command will do; this one both kinds of cards are known to take.
 *
 * Context: process, RTNL. Return: 0 or a negative errno.
 */
int qlge_mpi_irq_test(struct qlge_adapter *adapter)
{
	unsigned long deadline = jiffies +
				 msecs_to_jiffies(QLGE_MBOX_TIMEOUT_MS);
	u32 in = MB_CMD_GET_PORT_CFG;
	bool seen;
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = adapter->mbox_dead ? -ETIMEDOUT : qlge_mbox_drain(adapter);
	WRITE_ONCE(adapter->irq_seen, false);
	if (!err) {
		qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI,
				  INTR_MASK_PI);
		err = qlge_mbox_write(adapter, &in, 1);
	}
	if (!err)
		err = qlge_mbox_wait(adapter, deadline);
	if (!err)
		err = read_poll_timeout(READ_ONCE, seen, seen,
					QLGE_MBOX_POLL_US, QLGE_IRQ_TIMEOUT_US,
					false, adapter->irq_seen);
	qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI, 0);
	/* The completion, whatever it said, must not stay. */
	if (!qlge_mbox_drain(adapter))
		qlge_mbox_send_acks(adapter);
	mutex_unlock(&adapter->mbox_lock);
	return err;
}

/**
 * qlge_wol_supported - can the card wake its host?
 * @pdev: PCI device
 *
 * Return: true for the blade mezzanine cards.
 */
bool qlge_wol_supported(const struct pci_dev *pdev)
{
	return pdev->subsystem_device == QLGE_MEZZ_SSYS_ID_068 ||
	       pdev->subsystem_device == QLGE_MEZZ_SSYS_ID_180;
}

/**
 * qlge_wol_arm - have the firmware wake the host, or not, from now on
 * @adapter: adapter, stopped; wol says which
 *
 * Context: process. Return: 0 or a negative errno; 0 on a card that cannot.
 */
int qlge_wol_arm(struct qlge_adapter *adapter)
{
	u32 magic[8] = { MB_CMD_SET_WOL_MAGIC };
	u32 mode[2] = { MB_CMD_SET_WOL_MODE, MB_WOL_DISABLE };
	u32 status;
	int err, i;

	if (!qlge_wol_supported(adapter->pdev))
		return 0;
	if (adapter->wol) {
		for (i = 0; i < ETH_ALEN; i++)
			magic[1 + i] = adapter->netdev->dev_addr[i];
		err = qlge_mpi_cmd(adapter, magic, ARRAY_SIZE(magic), &status,
				   1);
		if (err)
			return err;
		mode[1] = MB_WOL_MODE_ON | MB_WOL_MAGIC_PKT;
	}
	return qlge_mpi_cmd(adapter, mode, ARRAY_SIZE(mode), &status, 1);
}

/**
 * qlge_mpi_irq_enable - let the firmware interrupt, or not
 * @adapter: adapter
 * @on: which
 *
 * Context: process, RTNL.
 */
void qlge_mpi_irq_enable(struct qlge_adapter *adapter, bool on)
{
	mutex_lock(&adapter->mbox_lock);
	adapter->pi_enabled = on;
	qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI,
			  on ? INTR_MASK_PI : 0);
	mutex_unlock(&adapter->mbox_lock);
}

/**
 * qlge_mpi_events - take the events the firmware has posted
 * @adapter: adapter
 *
 * The interrupt handler has masked the source; it is unmasked here when
 * nothing is left. While somebody else has the semaphore of the mailbox it
 * stays masked: the other function while it dumps its core, or firmware that
 * has died with it (Documentation/hardware/errata.rst), which a reset of this
 * function would not revive.
 *
 * Context: process (service work). Return: whether to come again soon.
 */
bool qlge_mpi_events(struct qlge_adapter *adapter)
{
	int err;

	mutex_lock(&adapter->mbox_lock);
	err = qlge_mbox_drain(adapter);
	if (!err)
		qlge_mbox_send_acks(adapter);
	if (err == -EBUSY) {
		if (++adapter->busy_events == QLGE_MPI_BUSY_EVENTS)
			qlge_schedule_reset(adapter, QLGE_RESET_FIRMWARE);
		mutex_unlock(&adapter->mbox_lock);
		return true;
	}
	adapter->busy_events = 0;
	/*
	 * A mailbox that cannot be read would interrupt for ever. An event
	 * that says the firmware has failed asked for its restart already.
	 */
	if (err && err != -EREMOTEIO)
		qlge_schedule_reset(adapter, QLGE_RESET_MAILBOX);
	else if (adapter->pi_enabled)
		qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI,
				  INTR_MASK_PI);
	mutex_unlock(&adapter->mbox_lock);
	return false;
}

/* What kind of link it is; only for ethtool, so nothing depends on it. */
static void qlge_link_info(struct qlge_adapter *adapter)
{
	u32 in = MB_CMD_GET_LINK_STS, out[4] = { };

	if (qlge_mpi_cmd(adapter, &in, 1, out, ARRAY_SIZE(out)))
		return;
	WRITE_ONCE(adapter->link_status, out[1]);
	WRITE_ONCE(adapter->link_info, out[3]);
}

/**
 * qlge_link_update - carrier and station address follow the link
 * @adapter: adapter
 *
 * While the link is down the station address is taken out of the CAM, so
 * that two ports with one address do not hit twice.
 *
 * Context: process (service work). Return: 0, or a negative errno if the
 * address could not be written: then the carrier stays off or goes off.
 */
int qlge_link_update(struct qlge_adapter *adapter)
{
	static const u8 none[ETH_ALEN];
	struct net_device *netdev = adapter->netdev;
	bool up = qlge_link_is_up(adapter);
	int err;

	err = qlge_set_station(adapter, up ? netdev->dev_addr : none);
	if (err)
		up = false;
	if (up == netif_carrier_ok(netdev))
		return err;
	if (up) {
		qlge_link_info(adapter);
		netif_carrier_on(netdev);
		qlge_xsk_link_up(adapter);
	} else {
		netif_carrier_off(netdev);
	}
	netdev_info(netdev, "link %s\n", up ? "up, 10 Gbit/s" : "down");
	return err;
}
