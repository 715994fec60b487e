// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core dump of chip and firmware: Documentation/hardware/diagnostics.rst.
 *
 * Every loop is bounded. What cannot be read is marked and the dump goes on
 * with the next segment: a dump is wanted most when something is broken.
 */
#include <linux/delay.h>

#include "qlge.h"

#define QLGE_DUMP_BAD		0xdeadbeef
#define QLGE_DUMP_CTL_WORDS	64
#define QLGE_DUMP_XGMAC_WORDS	464
#define QLGE_DUMP_CORE_WORDS	127
#define QLGE_DUMP_SHADOW_WORDS	16
#define QLGE_DUMP_RAM_WORDS	0x2000
#define QLGE_DUMP_INTR_WORDS	17
#define QLGE_DUMP_CAM_ENTRIES	16
#define QLGE_DUMP_CAM_WORDS	144
#define QLGE_DUMP_ETS_WORDS	10
#define QLGE_DUMP_MAC_WORDS	19712	/* the longest segment */
#define QLGE_DUMP_SEM_WORDS	4
#define QLGE_PRB_MODS		21
#define QLGE_PRB_MUX		64

#define XG_SERDES_XAUI_PCS	0x800
#define  XG_SERDES_XAUI_PWR_DOWN	BIT(0)
#define XG_SERDES_STS		0x1e06
#define  XG_SERDES_XFI_PWR_UP(port)	(0x5 << (port))

/**
 * struct qlge_dump - a dump in the making
 * @adapter: adapter
 * @fmsg: where it goes
 * @word: words of the current segment
 * @n: number of them
 * @bad: an access failed: the rest of the segment is only marked
 */
struct qlge_dump {
	struct qlge_adapter *adapter;
	struct devlink_fmsg *fmsg;
	__le32 *word;
	unsigned int n;
	bool bad;
};

/* Segments 2 to 15 and, with the shadow registers behind it, 1. */
static const struct {
	const char *name;
	u32 addr;
	u32 words;
} qlge_dump_proc[] = {
	{ "test_logic", 0x1000, 23 },
	{ "rmii", 0x1040, 64 },
	{ "fcmac1", 0x1080, 64 },
	{ "fcmac2", 0x10c0, 64 },
	{ "fc1_mbox", 0x1100, 64 },
	{ "ide", 0x1140, 64 },
	{ "nic1_mbox", 0x1180, 64 },
	{ "smbus", 0x1200, 64 },
	{ "fc2_mbox", 0x1240, 64 },
	{ "nic2_mbox", 0x1280, 64 },
	{ "i2c", 0x1fc0, 64 },
	{ "memc", 0x3000, 256 },
	{ "pbus", 0x7c00, 256 },
	{ "mde", 0x10000, 6 },
};

static const struct {
	const char *name[2];	/* port 0, port 1 */
	u16 start;
	u16 words;
	u16 step;
	bool xaui;
} qlge_dump_serdes[] = {
	{ { "xaui_an", "xaui2_an" }, 0x0000, 14, 4, true },
	{ { "xaui_hss_pcs", "xaui2_hss_pcs" }, 0x0800, 33, 4, true },
	{ { "xfi_an", "xfi2_an" }, 0x1000, 14, 4 },
	{ { "xfi_train", "xfi2_train" }, 0x1050, 12, 4 },
	{ { "xfi_hss_pcs", "xfi2_hss_pcs" }, 0x1800, 15, 4 },
	{ { "xfi_hss_tx", "xfi2_hss_tx" }, 0x1c00, 32, 1 },
	{ { "xfi_hss_rx", "xfi2_hss_rx" }, 0x1c40, 32, 1 },
	{ { "xfi_hss_pll", "xfi2_hss_pll" }, 0x1e00, 32, 1 },
};

/* Runs of the XGMAC window that do not respond to reads: first, last. */
static const u16 qlge_dump_xgmac_gap[][2] = {
	{ 0x114, 0x118 }, { 0x13c, 0x140 }, { 0x154, 0x1f8 },
	{ 0x280, 0x29c }, { 0x2c4, 0x2cc }, { 0x2e0, 0x2ec },
	{ 0x3d0, 0x3fc }, { 0x404, 0x40c }, { 0x414, 0x41c },
	{ 0x424, 0x42c }, { 0x434, 0x43c }, { 0x444, 0x44c },
	{ 0x454, 0x4fc }, { 0x550, 0x564 }, { 0x5d0, 0x5fc },
};

/* Probe multiplexer: a clock number and the modules that it drives. */
static const struct {
	u8 clock;
	u32 mods;
} qlge_dump_probe[] = {
	{ 0, 0x000f7ff7 }, { 2, 0x000040c1 }, { 6, 0x00037309 },
	{ 5, 0x00003001 },
};

/* Tables behind MAC_ADDR_IDX, by type: entries, words of each. */
static const struct {
	u16 entries;
	u16 words;
} qlge_dump_mac[] = {
	{ 512, 3 }, { 32, 2 }, { 4096, 1 }, { 4096, 1 }, { 4, 2 }, { 8, 2 },
	{ 16, 1 }, { 4, 1 }, { 4, 4 }, { 4, 1 },
};

static void qlge_dump_start(struct qlge_dump *dump)
{
	dump->n = 0;
	dump->bad = false;
}

static void qlge_dump_word(struct qlge_dump *dump, u32 val)
{
	dump->word[dump->n++] = cpu_to_le32(val);
}

/* A word whose read gave @err. */
static void qlge_dump_result(struct qlge_dump *dump, int err, u32 val)
{
	if (err)
		dump->bad = true;
	qlge_dump_word(dump, err ? QLGE_DUMP_BAD : val);
}

static void qlge_dump_put(struct qlge_dump *dump, const char *name)
{
	devlink_fmsg_binary_pair_put(dump->fmsg, name, dump->word,
				     dump->n * sizeof(*dump->word));
}

/* Context: hw_lock. */
static void qlge_dump_proc_word(struct qlge_dump *dump, u32 addr)
{
	u32 val = 0;
	int err = -EIO;

	if (!dump->bad)
		err = qlge_proc_read(dump->adapter, addr, &val);
	qlge_dump_result(dump, err, val);
}

/* Register of the other function through the processor. Context: hw_lock. */
static int qlge_alt_read(struct qlge_adapter *adapter, u32 reg, u32 *val)
{
	return qlge_proc_read(adapter, MPI_NIC_REG(adapter->alt_func, reg),
			      val);
}

static int qlge_alt_ready(struct qlge_adapter *adapter, u32 reg)
{
	int i, err;
	u32 val;

	for (i = 0; i < 10; i++) {
		err = qlge_alt_read(adapter, reg, &val);
		if (err)
			return err;
		/* The same bits in every window. */
		if (val & XGMAC_ADDR_XME && reg == XGMAC_ADDR)
			return -EIO;
		if (val & XGMAC_ADDR_RDY)
			return 0;
		usleep_range(1000, 2000);
	}
	return -ETIMEDOUT;
}

/* A window (address and data register) of the other function. */
static int qlge_alt_window(struct qlge_adapter *adapter, u32 addr_reg,
			   u32 data_reg, u32 addr, u32 *val)
{
	int err;

	err = qlge_alt_ready(adapter, addr_reg);
	if (err)
		return err;
	err = qlge_proc_write(adapter,
			      MPI_NIC_REG(adapter->alt_func, addr_reg),
			      addr | XGMAC_ADDR_R);
	if (err)
		return err;
	err = qlge_alt_ready(adapter, addr_reg);
	if (err)
		return err;
	return qlge_alt_read(adapter, data_reg, val);
}

static int qlge_serdes_read(struct qlge_adapter *adapter, bool own, u32 addr,
			    u32 *val)
{
	int err;

	if (!own)
		return qlge_alt_window(adapter, XG_SERDES_ADDR, XG_SERDES_DATA,
				       addr, val);
	err = qlge_wait_reg(adapter, XG_SERDES_ADDR, XG_SERDES_ADDR_RDY, 0);
	if (err)
		return err;
	qlge_write(adapter, XG_SERDES_ADDR, addr | XG_SERDES_ADDR_R);
	err = qlge_wait_reg(adapter, XG_SERDES_ADDR, XG_SERDES_ADDR_RDY, 0);
	if (err)
		return err;
	*val = qlge_read(adapter, XG_SERDES_DATA);
	return 0;
}

static void qlge_dump_control(struct qlge_dump *dump)
{
	struct qlge_adapter *adapter = dump->adapter;
	unsigned int i, func;

	/* Segment 16 is the even function, 17 the odd one. */
	for (func = 0; func < 2; func++) {
		qlge_dump_start(dump);
		for (i = 0; i < QLGE_DUMP_CTL_WORDS; i++) {
			if (func == (adapter->func & 1))
				qlge_dump_word(dump, qlge_read(adapter, i * 4));
			else
				qlge_dump_proc_word(dump,
						    MPI_NIC_REG(adapter->alt_func,
								i * 4));
		}
		qlge_dump_put(dump, func ? "nic2_control" : "nic1_control");
	}
}

static bool qlge_xgmac_gap(u32 addr)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(qlge_dump_xgmac_gap); i++)
		if (addr >= qlge_dump_xgmac_gap[i][0] &&
		    addr <= qlge_dump_xgmac_gap[i][1])
			return true;
	return false;
}

static void qlge_dump_xgmac(struct qlge_dump *dump)
{
	struct qlge_adapter *adapter = dump->adapter;
	unsigned int i, port;

	for (port = 0; port < 2; port++) {
		qlge_dump_start(dump);
		for (i = 0; i < QLGE_DUMP_XGMAC_WORDS; i++) {
			u32 val = 0;
			int err;

			if (dump->bad || qlge_xgmac_gap(i * 4)) {
				qlge_dump_word(dump, QLGE_DUMP_BAD);
				continue;
			}
			if (port == adapter->port)
				err = qlge_xgmac_read(adapter, i * 4, &val);
			else
				err = qlge_alt_window(adapter, XGMAC_ADDR,
						      XGMAC_DATA, i * 4, &val);
			qlge_dump_result(dump, err, val);
		}
		qlge_dump_put(dump, port ? "nic2_xgmac" : "nic1_xgmac");
	}
}

static void qlge_dump_serdes_port(struct qlge_dump *dump, unsigned int port)
{
	struct qlge_adapter *adapter = dump->adapter;
	bool own = port == adapter->port, xaui, xfi, up;
	unsigned int b, i;
	u32 val;

	/*
	 * Registers without power are left alone. The known drivers disagree
	 * about the bit of the XAUI block: here 1 is "down".
	 */
	xaui = !qlge_serdes_read(adapter, own, XG_SERDES_XAUI_PCS, &val) &&
	       !(val & XG_SERDES_XAUI_PWR_DOWN);
	up = !qlge_serdes_read(adapter, own, XG_SERDES_STS, &val);
	xfi = up && (val & XG_SERDES_XFI_PWR_UP(port)) ==
		    XG_SERDES_XFI_PWR_UP(port);
	for (b = 0; b < ARRAY_SIZE(qlge_dump_serdes); b++) {
		qlge_dump_start(dump);
		dump->bad = qlge_dump_serdes[b].xaui ? !xaui : !xfi;
		for (i = 0; i < qlge_dump_serdes[b].words; i++) {
			u32 addr = qlge_dump_serdes[b].start +
				   i * qlge_dump_serdes[b].step;
			int err = -EIO;

			if (!dump->bad)
				err = qlge_serdes_read(adapter, own, addr,
						       &val);
			qlge_dump_result(dump, err, val);
		}
		qlge_dump_put(dump, qlge_dump_serdes[b].name[port]);
	}
}

static void qlge_dump_core(struct qlge_dump *dump)
{
	unsigned int i, s;

	qlge_dump_start(dump);
	for (i = 0; i < QLGE_DUMP_CORE_WORDS; i++)
		qlge_dump_proc_word(dump, MPI_CORE_REGS + i);
	for (i = 0; i < QLGE_DUMP_SHADOW_WORDS; i++) {
		if (!dump->bad &&
		    qlge_proc_write(dump->adapter, RISC_124, SHADOW_OFFSET |
				    i << SHADOW_REG_SHIFT))
			dump->bad = true;
		qlge_dump_proc_word(dump, RISC_127);
	}
	qlge_dump_put(dump, "core");
	for (s = 0; s < ARRAY_SIZE(qlge_dump_proc); s++) {
		qlge_dump_start(dump);
		for (i = 0; i < qlge_dump_proc[s].words; i++)
			qlge_dump_proc_word(dump, qlge_dump_proc[s].addr + i);
		qlge_dump_put(dump, qlge_dump_proc[s].name);
	}
}

static void qlge_dump_driver(struct qlge_dump *dump)
{
	struct qlge_adapter *adapter = dump->adapter;
	unsigned int channels = READ_ONCE(adapter->cfg.channels), i;

	qlge_dump_start(dump);
	qlge_dump_word(dump, 2 * channels);
	qlge_dump_word(dump, 2 * channels + min(nr_cpu_ids, QLGE_HW_MAX_WQ -
						2 * channels));
	qlge_dump_word(dump, adapter->nvec);
	qlge_dump_word(dump, adapter->func);
	qlge_dump_put(dump, "misc_nic_info");

	qlge_dump_start(dump);
	for (i = 0; i < QLGE_DUMP_INTR_WORDS; i++) {
		if (i >= adapter->nvec) {
			qlge_dump_word(dump, QLGE_DUMP_BAD);
			continue;
		}
		/* A handler may write in between; nothing but the dump suffers. */
		qlge_write_masked(adapter, INTR_EN,
				  INTR_EN_INTR_MASK | INTR_EN_TYPE_MASK,
				  INTR_EN_TYPE_READ | i);
		qlge_dump_word(dump, qlge_read(adapter, INTR_EN));
	}
	qlge_dump_put(dump, "intr_states");
}

static void qlge_dump_mac_word(struct qlge_dump *dump, u32 idx)
{
	struct qlge_adapter *adapter = dump->adapter;
	u32 val = 0;
	int err = -EIO;

	if (!dump->bad)
		err = qlge_wait_reg(adapter, MAC_ADDR_IDX, MAC_ADDR_MW, 0);
	if (!err) {
		qlge_write(adapter, MAC_ADDR_IDX, idx);
		err = qlge_wait_reg(adapter, MAC_ADDR_IDX, MAC_ADDR_MR, 0);
	}
	if (!err)
		val = qlge_read(adapter, MAC_ADDR_DATA);
	qlge_dump_result(dump, err, val);
}

/* "By address" for the CAM; both known drivers agree on that. */
static u32 qlge_mac_read_idx(unsigned int type, unsigned int entry,
			     unsigned int word)
{
	return type << MAC_ADDR_TYPE_SHIFT | entry << MAC_ADDR_IDX_SHIFT |
	       word | MAC_ADDR_RS | (type ? 0 : MAC_ADDR_ADR);
}

static void qlge_dump_addresses(struct qlge_dump *dump)
{
	struct qlge_adapter *adapter = dump->adapter;
	unsigned int base = adapter->func * QLGE_HW_CAM_PER_FUNC;
	unsigned int type, i, w;

	/* The semaphore keeps the other function from moving the index. */
	if (qlge_sem_lock(adapter, SEM_MAC_ADDR))
		return;
	qlge_dump_start(dump);
	for (i = 0; i < QLGE_DUMP_CAM_ENTRIES; i++)
		for (w = 0; w < 3; w++)
			qlge_dump_mac_word(dump,
					   qlge_mac_read_idx(0, base + i, w));
	for (i = 0; i < QLGE_HW_MAX_MULTICAST; i++)
		for (w = 0; w < 2; w++)
			qlge_dump_mac_word(dump, qlge_mac_read_idx(1, i, w));
	while (dump->n < QLGE_DUMP_CAM_WORDS)
		qlge_dump_word(dump, 0);
	qlge_dump_put(dump, "cam_entries");

	qlge_dump_start(dump);
	for (type = 0; type < ARRAY_SIZE(qlge_dump_mac); type++)
		for (i = 0; i < qlge_dump_mac[type].entries; i++)
			for (w = 0; w < qlge_dump_mac[type].words; w++) {
				u32 idx = qlge_mac_read_idx(type, i, w);

				qlge_dump_word(dump, idx);
				qlge_dump_mac_word(dump, idx);
			}
	qlge_dump_put(dump, "mac_protocol");
	qlge_sem_unlock(adapter, SEM_MAC_ADDR);
}

static void qlge_dump_rt_word(struct qlge_dump *dump, unsigned int type,
			      unsigned int slot, bool all)
{
	u32 idx = type << RT_IDX_TYPE_SHIFT | slot << RT_IDX_IDX_SHIFT |
		  RT_IDX_RS;
	struct qlge_adapter *adapter = dump->adapter;
	u32 val = 0;
	int err = -EIO;

	if (!dump->bad)
		err = qlge_wait_reg(adapter, RT_IDX, RT_IDX_MW, 0);
	if (!err) {
		qlge_write(adapter, RT_IDX, idx);
		err = qlge_wait_reg(adapter, RT_IDX, RT_IDX_MR, 0);
	}
	if (all) {
		qlge_dump_word(dump, type);
		qlge_dump_word(dump, slot);
		qlge_dump_result(dump, err, err ? 0 : qlge_read(adapter,
								RT_IDX));
	}
	if (!err)
		val = qlge_read(adapter, RT_DATA);
	qlge_dump_result(dump, err, val);
}

static void qlge_dump_routes(struct qlge_dump *dump)
{
	struct qlge_adapter *adapter = dump->adapter;
	unsigned int type, slot;

	if (qlge_sem_lock(adapter, SEM_RT_IDX))
		return;
	qlge_dump_start(dump);
	for (slot = 0; slot < RT_IDX_MAX_NIC_SLOTS; slot++)
		qlge_dump_rt_word(dump, RT_IDX_TYPE_NICQ >> RT_IDX_TYPE_SHIFT,
				  slot, false);
	qlge_dump_put(dump, "routing_words");
	qlge_dump_start(dump);
	for (type = 0; type < 4; type++)
		for (slot = 0; slot < (type < 2 ? 8 : 16); slot++)
			qlge_dump_rt_word(dump, type, slot, true);
	qlge_dump_put(dump, "routing_index");
	qlge_sem_unlock(adapter, SEM_RT_IDX);
}

static void qlge_dump_ets(struct qlge_dump *dump)
{
	struct qlge_adapter *adapter = dump->adapter;
	u32 i;

	qlge_dump_start(dump);
	for (i = 0; i < QLGE_DUMP_ETS_WORDS; i++) {
		u32 reg = i < 8 ? NIC_ETS : CNA_ETS;

		qlge_write(adapter, reg, (i & 7) << ETS_QUEUE_SHIFT | ETS_RS);
		qlge_dump_word(dump, qlge_read(adapter, reg));
	}
	qlge_dump_put(dump, "ets");
}

static void qlge_dump_probes(struct qlge_dump *dump)
{
	struct qlge_adapter *adapter = dump->adapter;
	unsigned int c, mod, mux;

	qlge_dump_start(dump);
	if (qlge_proc_write(adapter, MPI_TEST_FUNC_PRB_CTL,
			    MPI_TEST_FUNC_PRB_EN))
		return;
	for (c = 0; c < ARRAY_SIZE(qlge_dump_probe); c++) {
		for (mod = 0; mod < QLGE_PRB_MODS; mod++) {
			u32 sel = qlge_dump_probe[c].clock <<
				  PRB_MX_ADDR_CLOCK_SHIFT |
				  mod << PRB_MX_ADDR_MOD_SEL_SHIFT;

			if (!(qlge_dump_probe[c].mods & BIT(mod)))
				continue;
			qlge_dump_word(dump, sel);
			for (mux = 0; mux < QLGE_PRB_MUX; mux++) {
				qlge_write(adapter, PRB_MX_ADDR, sel | mux);
				qlge_dump_word(dump, qlge_read(adapter,
							       PRB_MX_DATA));
				qlge_write(adapter, PRB_MX_ADDR,
					   sel | mux | PRB_MX_ADDR_UP);
				qlge_dump_word(dump, qlge_read(adapter,
							       PRB_MX_DATA));
			}
		}
	}
	qlge_dump_put(dump, "probe_dump");
}

static void qlge_dump_sems(struct qlge_dump *dump)
{
	unsigned int func;

	qlge_dump_start(dump);
	for (func = 0; func < QLGE_DUMP_SEM_WORDS; func++)
		qlge_dump_proc_word(dump, MPI_NIC_REG(func, SEM));
	qlge_dump_put(dump, "sem_regs");
}

/* The processor in reset still answers this one command. */
static int qlge_dump_ram(struct qlge_dump *dump, struct qlge_dma *mem)
{
	struct device *dev = &dump->adapter->pdev->dev;
	static const struct {
		const char *name;
		u32 addr;
	} ram[] = {
		{ "wcs_ram", CODE_RAM_ADDR }, { "memc_ram", MEMC_RAM_ADDR },
	};
	int err, i;

	/* Cut off after a reset that failed: it has to stay so. */
	if (!dump->adapter->pdev->is_busmaster)
		return -EIO;
	err = qlge_dma_alloc(dev, mem, QLGE_DUMP_RAM_WORDS * sizeof(u32));
	for (i = 0; i < ARRAY_SIZE(ram) && !err; i++) {
		err = qlge_mpi_read_ram(dump->adapter, ram[i].addr,
					QLGE_DUMP_RAM_WORDS, mem->dma);
		if (!err)
			devlink_fmsg_binary_pair_put(dump->fmsg, ram[i].name,
						     mem->va, mem->size);
	}
	return err;
}

/**
 * qlge_core_dump - dump chip and firmware
 * @adapter: adapter
 * @fmsg: one binary pair per segment, of little-endian words
 * @extack: says why it is refused
 *
 * The firmware is paused, reset, and restarted at the end: the link may go
 * down for a moment. Frames flow meanwhile.
 *
 * Context: process, devlink lock; holds up every mailbox command for a second,
 * or for six if the firmware is dead. Return: 0 or a negative errno.
 */
int qlge_core_dump(struct qlge_adapter *adapter, struct devlink_fmsg *fmsg,
		   struct netlink_ext_ack *extack)
{
	struct qlge_dump dump = { .adapter = adapter, .fmsg = fmsg };
	struct qlge_dma ram = { };
	bool owned, paused;
	int err;

	if (!netif_device_present(adapter->netdev) ||
	    qlge_gone(adapter, qlge_read(adapter, STS))) {
		NL_SET_ERR_MSG_MOD(extack, "the device does not answer");
		return -EIO;
	}
	if (!qlge_mpi_owner(adapter)) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "the firmware belongs to function %u",
				       adapter->alt_func);
		return -EOPNOTSUPP;
	}
	/* Also room for what else is longer than one word. */
	dump.word = kvcalloc(QLGE_DUMP_MAC_WORDS, sizeof(*dump.word),
			     GFP_KERNEL);
	if (!dump.word) {
		NL_SET_ERR_MSG_MOD(extack, "no memory");
		return -ENOMEM;
	}

	mutex_lock(&adapter->mbox_lock);
	/* qlge_detach() waits for this lock. */
	if (!netif_device_present(adapter->netdev)) {
		NL_SET_ERR_MSG_MOD(extack, "the device has been stopped");
		mutex_unlock(&adapter->mbox_lock);
		kvfree(dump.word);
		return -EIO;
	}
	owned = qlge_proc_lock(adapter);
	paused = !qlge_mpi_pause(adapter);
	devlink_fmsg_bool_pair_put(fmsg, "semaphore", owned);
	devlink_fmsg_bool_pair_put(fmsg, "paused", paused);
	qlge_dump_control(&dump);
	qlge_dump_xgmac(&dump);
	qlge_dump_serdes_port(&dump, 0);
	qlge_dump_serdes_port(&dump, 1);
	qlge_dump_core(&dump);
	qlge_dump_driver(&dump);
	qlge_dump_ets(&dump);
	qlge_dump_probes(&dump);
	qlge_dump_sems(&dump);
	/* After its reset the processor shall wait. */
	qlge_proc_write(adapter, MPI_TEST_FUNC_RST_STS, MPI_TEST_FUNC_RST_FRC);
	qlge_proc_unlock(adapter, owned);

	/* Semaphores do not nest here, so these have their turn now. */
	qlge_dump_addresses(&dump);
	qlge_dump_routes(&dump);

	if (paused)
		qlge_mpi_unpause(adapter);
	err = qlge_mpi_hard_reset(adapter);
	if (!err)
		err = qlge_dump_ram(&dump, &ram);
	devlink_fmsg_bool_pair_put(fmsg, "ram", !err);
	err = qlge_mpi_soft_reset(adapter);
	if (err)
		netdev_err(adapter->netdev,
			   "the firmware does not restart after a dump: %d\n",
			   err);
	else	/* else it may still write there: better a leak */
		qlge_dma_free(&adapter->pdev->dev, &ram);
	mutex_unlock(&adapter->mbox_lock);
	kvfree(dump.word);
	return 0;
}
