// SPDX-License-Identifier: GPL-2.0-only
/*
 * Semaphores, indirect register windows, control block load, function reset.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>

#include "qlge.h"

/* Known drivers give a register 3 x 100 us and a semaphore 30 x 100 us. */
#define QLGE_POLL_US		100
#define QLGE_REG_TIMEOUT_US	5000
#define QLGE_SEM_TRIES		100
#define QLGE_RESET_TIMEOUT_US	20000
#define QLGE_FIFO_TRIES		6
#define QLGE_FIFO_WAIT_MS	100

/**
 * qlge_wait_reg - poll a register until bits are set
 * @adapter: adapter
 * @reg: register offset
 * @set: bits of which all must be 1
 * @err: bits of which any fails the wait at once
 *
 * Context: process. Return: 0, -EIO (error bit, or the device is gone) or
 * -ETIMEDOUT.
 */
int qlge_wait_reg(struct qlge_adapter *adapter, u32 reg, u32 set, u32 err)
{
	u32 val;
	int ret;

	ret = read_poll_timeout(qlge_read, val,
				(val & set) == set || (val & err) || val == ~0,
				QLGE_POLL_US, QLGE_REG_TIMEOUT_US, false,
				adapter, reg);
	if (qlge_gone(adapter, val) || (val & err))
		return -EIO;
	return ret;
}

/**
 * qlge_sem_lock - take a hardware semaphore
 * @adapter: adapter
 * @sem: which
 *
 * Ownership of the hardware semaphores is per PCI function, so hw_lock keeps
 * the threads of this function apart. They do not nest. A semaphore that others
 * keep for ever is reported once, not at each of the visits of the service work.
 *
 * Context: process. Return: 0 with hw_lock held, or -EBUSY / -EIO without.
 */
int qlge_sem_lock(struct qlge_adapter *adapter, enum qlge_sem sem)
{
	bool known;
	int i;

	mutex_lock(&adapter->hw_lock);
	for (i = 0; i < QLGE_SEM_TRIES; i++) {
		u32 val;

		qlge_write_masked(adapter, SEM, 3 << sem, 1 << sem);
		val = qlge_read(adapter, SEM);
		if (qlge_gone(adapter, val)) {
			mutex_unlock(&adapter->hw_lock);
			return -EIO;
		}
		if (val & BIT(sem)) {
			adapter->sem_missed &= ~BIT(sem);
			return 0;
		}
		usleep_range(QLGE_POLL_US, 2 * QLGE_POLL_US);
	}
	known = adapter->sem_missed & BIT(sem);
	adapter->sem_missed |= BIT(sem);
	mutex_unlock(&adapter->hw_lock);
	if (!known)
		netdev_warn(adapter->netdev, "semaphore %d is held elsewhere\n",
			    sem);
	return -EBUSY;
}

/**
 * qlge_sem_unlock - release what qlge_sem_lock() took
 * @adapter: adapter
 * @sem: which
 *
 * Context: process.
 */
void qlge_sem_unlock(struct qlge_adapter *adapter, enum qlge_sem sem)
{
	qlge_write_masked(adapter, SEM, 3 << sem, 0);
	qlge_read(adapter, SEM);	/* flush the posted write */
	mutex_unlock(&adapter->hw_lock);
}

/**
 * qlge_proc_lock - take the window into the processor, in any case
 * @adapter: adapter
 *
 * Firmware that has died may hold the semaphore for ever.
 *
 * Context: process. Return: with hw_lock held, whether the semaphore is ours.
 */
bool qlge_proc_lock(struct qlge_adapter *adapter)
{
	if (!qlge_sem_lock(adapter, SEM_PROC_REG))
		return true;
	mutex_lock(&adapter->hw_lock);
	return false;
}

/**
 * qlge_proc_unlock - give back what qlge_proc_lock() took
 * @adapter: adapter
 * @owned: what it said
 *
 * Context: process.
 */
void qlge_proc_unlock(struct qlge_adapter *adapter, bool owned)
{
	if (owned)
		qlge_sem_unlock(adapter, SEM_PROC_REG);
	else
		mutex_unlock(&adapter->hw_lock);
}

/**
 * qlge_proc_read - read a word of the management processor
 * @adapter: adapter
 * @addr: word address, module number in bits 17:16
 * @val: result
 *
 * Context: process, hw_lock held; SEM_PROC_REG where the resource wants it.
 * Return: 0 or a negative errno of qlge_wait_reg().
 */
int qlge_proc_read(struct qlge_adapter *adapter, u32 addr, u32 *val)
{
	int err;

	lockdep_assert_held(&adapter->hw_lock);
	err = qlge_wait_reg(adapter, PROC_ADDR, PROC_ADDR_RDY, PROC_ADDR_ERR);
	if (err)
		return err;
	qlge_write(adapter, PROC_ADDR, addr | PROC_ADDR_R);
	err = qlge_wait_reg(adapter, PROC_ADDR, PROC_ADDR_RDY, PROC_ADDR_ERR);
	if (err)
		return err;
	*val = qlge_read(adapter, PROC_DATA);
	return 0;
}

/**
 * qlge_proc_write - write a word of the management processor
 * @adapter: adapter
 * @addr: word address
 * @val: value
 *
 * Context and return as qlge_proc_read().
 */
int qlge_proc_write(struct qlge_adapter *adapter, u32 addr, u32 val)
{
	int err;

	lockdep_assert_held(&adapter->hw_lock);
	err = qlge_wait_reg(adapter, PROC_ADDR, PROC_ADDR_RDY, PROC_ADDR_ERR);
	if (err)
		return err;
	qlge_write(adapter, PROC_DATA, val);
	qlge_write(adapter, PROC_ADDR, addr);
	return qlge_wait_reg(adapter, PROC_ADDR, PROC_ADDR_RDY, PROC_ADDR_ERR);
}

enum qlge_sem qlge_xgmac_sem(const struct qlge_adapter *adapter)
{
	return adapter->port ? SEM_XGMAC1 : SEM_XGMAC0;
}

/**
 * qlge_xgmac_read - read a MAC register
 * @adapter: adapter
 * @addr: byte address in the XGMAC window
 * @val: result
 *
 * Context: process, qlge_xgmac_sem() held. Return: 0 or a negative errno.
 */
int qlge_xgmac_read(struct qlge_adapter *adapter, u32 addr, u32 *val)
{
	int err;

	err = qlge_wait_reg(adapter, XGMAC_ADDR, XGMAC_ADDR_RDY,
			    XGMAC_ADDR_XME);
	if (err)
		return err;
	qlge_write(adapter, XGMAC_ADDR, addr | XGMAC_ADDR_R);
	err = qlge_wait_reg(adapter, XGMAC_ADDR, XGMAC_ADDR_RDY,
			    XGMAC_ADDR_XME);
	if (err)
		return err;
	*val = qlge_read(adapter, XGMAC_DATA);
	return 0;
}

/**
 * qlge_xgmac_write - write a MAC register
 * @adapter: adapter
 * @addr: byte address in the XGMAC window
 * @val: value
 *
 * Context: process, qlge_xgmac_sem() held. Return: 0 or a negative errno.
 */
int qlge_xgmac_write(struct qlge_adapter *adapter, u32 addr, u32 val)
{
	int err;

	err = qlge_wait_reg(adapter, XGMAC_ADDR, XGMAC_ADDR_RDY,
			    XGMAC_ADDR_XME);
	if (err)
		return err;
	qlge_write(adapter, XGMAC_DATA, val);
	qlge_write(adapter, XGMAC_ADDR, addr);
	return 0;
}

static int qlge_wait_cfg(struct qlge_adapter *adapter, u16 trigger)
{
	u32 val;
	int err;

	err = read_poll_timeout(qlge_read, val, !(val & trigger) || val == ~0,
				QLGE_POLL_US, QLGE_REG_TIMEOUT_US, false,
				adapter, CFG);
	if (qlge_gone(adapter, val) || (val & CFG_LE))
		return -EIO;
	return err;
}

/**
 * qlge_load_icb - have the device fetch an initialization control block
 * @adapter: adapter
 * @trigger: CFG_LRQ, CFG_LR or CFG_LCQ
 * @queue: queue number
 * @icb: the block
 * @size: bytes of @icb
 *
 * Sequence: Documentation/hardware/queues-and-doorbells.rst.
 *
 * Context: process, RTNL. Return: 0 or a negative errno.
 */
int qlge_load_icb(struct qlge_adapter *adapter, u16 trigger, u16 queue,
		  const void *icb, size_t size)
{
	int err;

	err = qlge_sem_lock(adapter, SEM_ICB);
	if (err)
		return err;
	err = qlge_wait_cfg(adapter, trigger);
	if (err)
		goto unlock;
	memcpy(adapter->icb.va, icb, size);
	dma_wmb();
	qlge_write(adapter, ICB_L, lower_32_bits(adapter->icb.dma));
	qlge_write(adapter, ICB_H, upper_32_bits(adapter->icb.dma));
	qlge_write_masked(adapter, CFG, CFG_Q_MASK | trigger,
			  FIELD_PREP(CFG_Q_MASK, queue) | trigger);
	err = qlge_wait_cfg(adapter, trigger);
unlock:
	qlge_sem_unlock(adapter, SEM_ICB);
	return err;
}

static void qlge_drain_fifo(struct qlge_adapter *adapter)
{
	int i;

	for (i = 0; i < QLGE_FIFO_TRIES; i++) {
		u32 state;

		if (qlge_mpi_traffic_state(adapter, &state))
			return;
		if ((qlge_read(adapter, STS) & STS_NFE) &&
		    (state & MB_GET_MPI_TFK_FIFO_EMPTY))
			return;
		msleep(QLGE_FIFO_WAIT_MS);
	}
}

/**
 * qlge_function_reset - stop all DMA and forget every queue
 * @adapter: adapter
 * @drain: stop management traffic and wait for empty FIFOs first.  Off when
 *	recovering from an error, where the firmware may not answer.
 *
 * Context: process, RTNL. Return: 0, or a negative errno if the reset did
 * not happen, in which case DMA may still be running.
 */
int qlge_function_reset(struct qlge_adapter *adapter, bool drain)
{
	u32 val;
	int err;

	/* A routing table that cannot be cleared does not hinder the reset. */
	qlge_route_clear(adapter);
	if (drain) {
		if (!qlge_mpi_traffic_ctl(adapter, MB_SET_MPI_TFK_STOP))
			qlge_drain_fifo(adapter);
	}
	qlge_write_masked(adapter, RST_FO, RST_FO_FR, RST_FO_FR);
	err = read_poll_timeout(qlge_read, val,
				!(val & RST_FO_FR) || val == ~0,
				QLGE_POLL_US, QLGE_RESET_TIMEOUT_US, false,
				adapter, RST_FO);
	if (qlge_gone(adapter, val))
		err = -EIO;
	if (err) {
		netdev_err(adapter->netdev, "function reset failed: %d\n", err);
		return err;
	}
	/* Its failure shows again, and is handled, in port initialization. */
	qlge_mpi_traffic_ctl(adapter, MB_SET_MPI_TFK_RESUME);
	return 0;
}

static int qlge_port_init_8012(struct qlge_adapter *adapter)
{
	enum qlge_sem sem = qlge_xgmac_sem(adapter);
	u16 init = STS_PORT_INIT(adapter->port);
	u32 val;
	int err;

	err = qlge_sem_lock(adapter, sem);
	if (err)	/* another function does it */
		return qlge_wait_reg(adapter, STS, init, 0);

	err = qlge_xgmac_read(adapter, XGMAC_GLOBAL_CFG, &val);
	if (err)
		goto unlock;
	err = qlge_xgmac_write(adapter, XGMAC_GLOBAL_CFG,
			       val | GLOBAL_CFG_RESET);
	if (err)
		goto unlock;
	val &= ~GLOBAL_CFG_RESET;
	val |= GLOBAL_CFG_JUMBO | GLOBAL_CFG_TX_STAT_EN | GLOBAL_CFG_RX_STAT_EN;
	err = qlge_xgmac_write(adapter, XGMAC_GLOBAL_CFG, val);
	if (err)
		goto unlock;
	err = qlge_xgmac_read(adapter, XGMAC_TX_CFG, &val);
	if (err)
		goto unlock;
	err = qlge_xgmac_write(adapter, XGMAC_TX_CFG,
			       (val & ~TX_CFG_RESET) | TX_CFG_EN);
	if (err)
		goto unlock;
	err = qlge_xgmac_read(adapter, XGMAC_RX_CFG, &val);
	if (err)
		goto unlock;
	err = qlge_xgmac_write(adapter, XGMAC_RX_CFG,
			       (val & ~RX_CFG_RESET) | RX_CFG_EN);
	if (err)
		goto unlock;
	err = qlge_xgmac_write(adapter, XGMAC_MAC_TX_PARAMS,
			       MAC_TX_PARAMS_JUMBO |
			       QLGE_HW_MAX_FRAME << MAC_TX_PARAMS_SIZE_SHIFT);
	if (err)
		goto unlock;
	err = qlge_xgmac_write(adapter, XGMAC_MAC_RX_PARAMS,
			       QLGE_HW_MAX_FRAME);
	if (err)
		goto unlock;
	qlge_write_masked(adapter, STS, init, init);
unlock:
	qlge_sem_unlock(adapter, sem);
	return err;
}

/* @flags says which parts the device takes; the rest of the block is as ever. */
static int qlge_load_cq(struct qlge_adapter *adapter, struct qlge_channel *ch,
			struct qlge_cq *cq, struct qlge_rx_ring *rx, u8 flags)
{
	u16 usecs = rx ? adapter->rx_usecs : adapter->tx_usecs;
	struct qlge_cqicb icb = {
		.msix_vect = qlge_channel_msix(ch),
		.flags = flags,
		.len = cpu_to_le16((cq->mask + 1) | LEN_V),
		.addr = cpu_to_le64(cq->mem.dma),
		.prod_idx_addr = cpu_to_le64(cq->shadow_mem.dma),
		/* Known drivers have 5 or 10 to a delay of 100. */
		.pkt_delay = cpu_to_le16(DIV_ROUND_UP(usecs, 20)),
		.irq_delay = cpu_to_le16(usecs),
	};

	if (rx) {
		icb.lbq_addr = cpu_to_le64(rx->table_mem[0].dma);
		icb.lbq_buf_size = cpu_to_le16(rx->large.buf_len);
		icb.lbq_len = cpu_to_le16(rx->large.mask + 1);
		icb.sbq_addr = cpu_to_le64(rx->table_mem[1].dma);
		icb.sbq_buf_size = cpu_to_le16(rx->small.buf_len);
		icb.sbq_len = cpu_to_le16(rx->small.mask + 1);
	}
	return qlge_load_icb(adapter, CFG_LCQ, cq->id, &icb, sizeof(icb));
}

static int qlge_load_wq(struct qlge_adapter *adapter, struct qlge_tx_ring *tx)
{
	struct qlge_wqicb icb = {
		.len = cpu_to_le16((tx->mask + 1) | Q_LEN_V),
		.flags = cpu_to_le16(Q_FLAGS_LC | Q_FLAGS_LB | Q_FLAGS_LI |
				     Q_FLAGS_LO),
		.cq_id_rss = cpu_to_le16(tx->cq->id),
		.addr = cpu_to_le64(tx->mem.dma),
		.cnsmr_idx_addr = cpu_to_le64(tx->shadow_mem.dma),
	};

	return qlge_load_icb(adapter, CFG_LRQ, tx->id, &icb, sizeof(icb));
}

static int qlge_load_queues(struct qlge_adapter *adapter, struct qlge_set *set)
{
	unsigned int i;
	int err;

	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		err = qlge_load_cq(adapter, ch, &ch->rx.cq, &ch->rx,
				   FLAGS_LV | FLAGS_LI | FLAGS_LC |
				   FLAGS_LS | FLAGS_LL);
		if (err)
			return err;
	}
	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		err = qlge_load_cq(adapter, ch, &ch->tx_cq, NULL,
				   FLAGS_LV | FLAGS_LI | FLAGS_LC);
		if (err)
			return err;
	}
	qlge_rss_spread(adapter, set->cfg.channels);
	if (set->cfg.channels > 1) {
		err = qlge_rss_load(adapter, &adapter->rss);
		if (err)
			return err;
	}
	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		err = qlge_load_wq(adapter, &ch->tx);
		if (!err)
			err = qlge_load_wq(adapter, &ch->xdp);
		if (err)
			return err;
	}
	for (i = 0; i < set->nxmit; i++) {
		err = qlge_load_wq(adapter, &set->xmit[i]);
		if (err)
			return err;
	}
	return 0;
}

/**
 * qlge_load_delays - give running completion queues other interrupt delays
 * @adapter: adapter; rx_usecs and tx_usecs are the new ones
 * @set: rings the device runs
 *
 * Nothing else about the queues changes.
 *
 * Context: process, RTNL. Return: 0, or a negative errno with some of them
 * changed.
 */
int qlge_load_delays(struct qlge_adapter *adapter, struct qlge_set *set)
{
	unsigned int i;
	int err;

	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		err = qlge_load_cq(adapter, ch, &ch->rx.cq, &ch->rx, FLAGS_LI);
		if (!err)
			err = qlge_load_cq(adapter, ch, &ch->tx_cq, NULL,
					   FLAGS_LI);
		if (err)
			return err;
	}
	return 0;
}

/**
 * qlge_hw_init - bring a freshly reset function up with a set of rings
 * @adapter: adapter
 * @set: rings, started in software but not yet known to the device
 *
 * Order and values: Documentation/hardware/init-reset-sequences.rst, "Open".
 *
 * Context: process, RTNL. Return: 0 or a negative errno; the caller resets
 * the function again on failure.
 */
int qlge_hw_init(struct qlge_adapter *adapter, struct qlge_set *set)
{
	u32 mgmt;
	int err;

	qlge_write_masked(adapter, SYS, SYS_EFE | SYS_FAE, SYS_EFE | SYS_FAE);
	qlge_filter_init(adapter);
	qlge_write_masked(adapter, FSC,
			  FSC_FE | FSC_VM_PAGESIZE_MASK | FSC_EPC_OUTBOUND |
			  FSC_EPC_INBOUND | FSC_EC | FSC_DBL_MASK |
			  FSC_DBRST_MASK,
			  FSC_FE |
			  FIELD_PREP(FSC_VM_PAGESIZE_MASK, FSC_VM_PAGE_4K) |
			  FSC_EPC_OUTBOUND | FSC_EPC_INBOUND | FSC_EC |
			  FIELD_PREP(FSC_DBRST_MASK, FSC_DBRST_1024));
	qlge_write(adapter, SPLT_HDR, 0);
	/* Two ports with one address, as in a bond, keep their own traffic. */
	qlge_write_masked(adapter, RST_FO, RST_FO_RR_MASK,
			  RST_FO_RR_RCV_FUNC_CQ);
	/*
	 * The register survives resets and may still route frames to the
	 * firmware after wake-on-LAN; it needs clearing before the write.
	 */
	mgmt = qlge_read(adapter, MGMT_RCV_CFG);
	qlge_write_masked(adapter, MGMT_RCV_CFG, 0xffff, 0);
	qlge_write_masked(adapter, MGMT_RCV_CFG, 0xffff,
			  mgmt & 0xffff & ~MGMT_RCV_CFG_RM);

	err = qlge_load_queues(adapter, set);
	if (err) {
		netdev_err(adapter->netdev, "queue set-up failed: %d\n", err);
		return err;
	}
	if (adapter->is_8012) {
		err = qlge_port_init_8012(adapter);
		if (!err)
			qlge_mpi_port_cfg(adapter);
	} else {
		err = qlge_mpi_port_init(adapter);
	}
	if (err) {
		netdev_err(adapter->netdev, "port initialization failed: %d\n",
			   err);
		return err;
	}
	return qlge_route_init(adapter, set->cfg.channels > 1);
}

/**
 * qlge_read_port - find out which function and port this is
 * @adapter: adapter
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_read_port(struct qlge_adapter *adapter)
{
	u32 val, nic1, nic2;
	bool owned;
	int err;

	val = qlge_read(adapter, STS);
	if (val == ~0)
		return -EIO;
	adapter->func = FIELD_GET(STS_FUNC_ID_MASK, val);

	/*
	 * The known drivers take no semaphore here, but the other function may
	 * be up, and the window is one for both (Documentation/hardware).
	 */
	owned = qlge_proc_lock(adapter);
	err = qlge_proc_read(adapter, MPI_TEST_FUNC_PORT_CFG, &val);
	qlge_proc_unlock(adapter, owned);
	if (err)
		return err;
	nic1 = FIELD_GET(MPI_TEST_NIC1_FUNCTION_MASK, val);
	nic2 = FIELD_GET(MPI_TEST_NIC2_FUNCTION_MASK, val);
	if (adapter->func == nic1)
		adapter->alt_func = nic2;
	else if (adapter->func == nic2)
		adapter->alt_func = nic1;
	else
		return -ENODEV;
	adapter->port = adapter->func < adapter->alt_func ? 0 : 1;
	return 0;
}
