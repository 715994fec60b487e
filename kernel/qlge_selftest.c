// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self test.
 *
 * Nothing of the stack takes part in it: frames are written into the work
 * queues by hand and looked for in the completion queues, so that no frame of
 * the test goes up and none of the stack goes into the loop.
 */
#include <linux/iopoll.h>

#include "qlge.h"

/* Fits the shortest ring with a buffer step to spare. */
#define QLGE_TEST_FRAMES	32
#define QLGE_TEST_LEN		QLGE_SMALL_LEN
#define QLGE_TEST_POLL_US	1000
#define QLGE_TEST_TIMEOUT_US	2000000

const char qlge_test_name[QLGE_NTESTS][ETH_GSTRING_LEN] = {
	[QLGE_TEST_LINK]	= "Link       (on/offline)",
	[QLGE_TEST_FLASH]	= "Flash      (on/offline)",
	[QLGE_TEST_REGISTERS]	= "Registers  (offline)",
	[QLGE_TEST_MEMORY]	= "Memory     (offline)",
	[QLGE_TEST_INTERRUPT]	= "Interrupts (offline)",
	[QLGE_TEST_LOOPBACK]	= "Loopback   (offline)",
};

/* A pattern, its complement, and both extremes. */
static const u32 qlge_test_pattern[] = { 0x5a5aa5a5, 0xa5a55a5a, 0, ~0 };

/* Context: function stopped. */
static bool qlge_test_register(struct qlge_adapter *adapter, u32 reg, u32 mask,
			       bool masked)
{
	u32 old = qlge_read(adapter, reg), val;
	u32 upper = masked ? mask << 16 : 0;
	bool good = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(qlge_test_pattern) && good; i++) {
		val = qlge_test_pattern[i] & mask;
		qlge_write(adapter, reg, upper | val);
		good = (qlge_read(adapter, reg) & mask) == val;
	}
	qlge_write(adapter, reg, masked ? upper | (old & mask) : old);
	return good;
}

/*
 * Only registers that every known driver writes, so that no bit has an
 * unknown meaning, and which do nothing while the function is stopped.
 */
static int qlge_test_registers(struct qlge_adapter *adapter)
{
	bool good;
	int err;

	good = qlge_test_register(adapter, NIC_RCV_CFG, NIC_RCV_CFG_DFQ_MASK,
				  true) &&
	       qlge_test_register(adapter, SPLT_HDR, SPLT_HDR_LEN_MASK, false);
	err = qlge_sem_lock(adapter, SEM_ICB);
	if (err)
		return err;
	/* Control blocks are aligned: the lowest bits may not be there. */
	good = good &&
	       qlge_test_register(adapter, ICB_L, GENMASK(31, 4), false) &&
	       qlge_test_register(adapter, ICB_H, GENMASK(31, 0), false);
	qlge_sem_unlock(adapter, SEM_ICB);
	return good ? 0 : -EIO;
}

/* Context: SEM_MAC_ADDR held. */
static int qlge_mac_read(struct qlge_adapter *adapter, u32 idx, u32 *data)
{
	int err;

	err = qlge_wait_reg(adapter, MAC_ADDR_IDX, MAC_ADDR_MW, 0);
	if (err)
		return err;
	qlge_write(adapter, MAC_ADDR_IDX, idx | MAC_ADDR_RS | MAC_ADDR_ADR);
	err = qlge_wait_reg(adapter, MAC_ADDR_IDX, MAC_ADDR_MR, 0);
	if (err)
		return err;
	*data = qlge_read(adapter, MAC_ADDR_DATA);
	return 0;
}

/*
 * An entry of the CAM: patterns into the address words and back. The upper
 * word keeps the local bit and not the group bit, and the lower one differs
 * from entry to entry, so that no frame of the other port can hit two.
 */
static int qlge_test_cam_entry(struct qlge_adapter *adapter, unsigned int i)
{
	u32 idx = i << MAC_ADDR_IDX_SHIFT | MAC_ADDR_TYPE_CAM_MAC;
	u32 old[2], got[2];
	unsigned int p;
	int err, back;

	err = qlge_mac_read(adapter, idx, &old[0]);
	if (!err)
		err = qlge_mac_read(adapter, idx | 1, &old[1]);
	if (err)
		return err;
	for (p = 0; p < ARRAY_SIZE(qlge_test_pattern) && !err; p++) {
		u32 lower = qlge_test_pattern[p] ^ i;
		u32 upper = (qlge_test_pattern[p] & 0xfcff) | 0x0200;

		err = qlge_mac_write(adapter, idx, lower);
		if (!err)
			err = qlge_mac_write(adapter, idx | 1, upper);
		if (!err)
			err = qlge_mac_read(adapter, idx, &got[0]);
		if (!err)
			err = qlge_mac_read(adapter, idx | 1, &got[1]);
		if (!err && (got[0] != lower || (got[1] & 0xffff) != upper))
			err = -EIO;
	}
	back = qlge_mac_write(adapter, idx, old[0]);
	if (!back)
		back = qlge_mac_write(adapter, idx | 1, old[1] & 0xffff);
	return err ?: back;
}

/*
 * The only memory of the card that belongs to this function alone, survives
 * a reset and is known to be readable.
 */
static int qlge_test_memory(struct qlge_adapter *adapter)
{
	unsigned int first = adapter->func * QLGE_HW_CAM_PER_FUNC, i;
	int err;

	err = qlge_sem_lock(adapter, SEM_MAC_ADDR);
	if (err)
		return err;
	for (i = first; i < first + QLGE_HW_CAM_PER_FUNC && !err; i++)
		err = qlge_test_cam_entry(adapter, i);
	qlge_sem_unlock(adapter, SEM_MAC_ADDR);
	return err;
}

/**
 * qlge_test_stopped - tests of a function that is not running
 * @adapter: adapter
 * @data: QLGE_NTESTS results
 *
 * Context: process, RTNL.
 */
void qlge_test_stopped(struct qlge_adapter *adapter, u64 *data)
{
	data[QLGE_TEST_REGISTERS] = -qlge_test_registers(adapter);
	data[QLGE_TEST_MEMORY] = -qlge_test_memory(adapter);
}

static void qlge_test_fill(struct qlge_adapter *adapter, u8 *frame,
			   unsigned int seq)
{
	struct ethhdr *eth = (struct ethhdr *)frame;
	unsigned int i;

	/* To CQ 0: that route needs no address, and so no link. */
	eth_broadcast_addr(eth->h_dest);
	ether_addr_copy(eth->h_source, adapter->netdev->perm_addr);
	eth->h_proto = htons(ETH_P_LOOPBACK);
	for (i = ETH_HLEN; i < QLGE_TEST_LEN; i++)
		frame[i] = seq + i * 7;
}

static void qlge_test_send(struct qlge_tx_ring *tx, u32 slot, dma_addr_t dma)
{
	struct qlge_ob_mac_iocb *req = &tx->ring[slot];

	memset(req, 0, sizeof(*req));
	req->opcode = OPCODE_OB_MAC_IOCB;
	req->tid = slot;
	req->txq_idx = tx->id;
	req->frame_len = cpu_to_le32(QLGE_TEST_LEN);
	req->tbd[0].addr = cpu_to_le64(dma);
	req->tbd[0].len = cpu_to_le32(QLGE_TEST_LEN | TX_DESC_E);
	writel(slot + 1, tx->db);
}

/* How many entries the device has written to a queue that was empty. */
static u32 qlge_test_count(struct qlge_adapter *adapter,
			   const struct qlge_cq *cq)
{
	u32 prod = le32_to_cpu(READ_ONCE(*cq->shadow));

	/* The entries are read after the index that says they are there. */
	dma_rmb();
	return min(prod, cq->mask);
}

/* Does this completion bring back a frame of the test? Which one? */
static bool qlge_test_match(struct qlge_channel *ch,
			    const struct qlge_ib_mac_rsp *rsp,
			    const u8 *frames, unsigned long *seen)
{
	struct qlge_bq *bq = &ch->rx.small;
	u64 addr = le64_to_cpu(rsp->data_addr);
	unsigned int i, seq;
	bool good;

	if (rsp->opcode != OPCODE_IB_MAC_IOCB ||
	    !(rsp->flags3 & IB_MAC_IOCB_RSP_DS) ||
	    le32_to_cpu(rsp->data_len) != QLGE_TEST_LEN)
		return false;
	for (i = 0; i != bq->ntu; i++) {
		struct qlge_frag frag = bq->slot[i];
		const u8 *va;

		if (qlge_frag_dma(frag) + XDP_PACKET_HEADROOM != addr)
			continue;
		dma_sync_single_range_for_cpu(ch->rx.dev, frag.chunk->mem.dma,
					      frag.off + XDP_PACKET_HEADROOM,
					      QLGE_TEST_LEN,
					      DMA_BIDIRECTIONAL);
		va = qlge_frag_va(frag) + XDP_PACKET_HEADROOM;
		seq = (u8)(va[ETH_HLEN] - ETH_HLEN * 7);
		good = seq < QLGE_TEST_FRAMES &&
		       !memcmp(va, frames + seq * QLGE_TEST_LEN,
			       QLGE_TEST_LEN) &&
		       !__test_and_set_bit(seq, seen);
		dma_sync_single_range_for_device(ch->rx.dev,
						 frag.chunk->mem.dma,
						 frag.off +
						 XDP_PACKET_HEADROOM,
						 QLGE_TEST_LEN,
						 DMA_BIDIRECTIONAL);
		return good;
	}
	return false;
}

/*
 * Frames round the loop: at least one through every stack work queue, whose
 * completion is what interrupts that channel; all of them come back on CQ 0.
 */
static int qlge_test_loop(struct qlge_adapter *adapter, struct qlge_set *set,
			  const u8 *frames, dma_addr_t dma)
{
	unsigned int n = set->cfg.channels, i, k = 0, bad = 0;
	struct qlge_cq *cq = &set->channel[0]->rx.cq;
	DECLARE_BITMAP(seen, QLGE_TEST_FRAMES) = { };
	unsigned int total = max_t(unsigned int, n, QLGE_TEST_FRAMES);
	u32 count;

	/* More channels than frames: the last ones send the same again. */
	for (i = 0; i < total; i++)
		qlge_test_send(&set->channel[i % n]->tx, i / n,
			       dma + i % QLGE_TEST_FRAMES * QLGE_TEST_LEN);
	read_poll_timeout(qlge_test_count, count, count >= total,
			  QLGE_TEST_POLL_US, QLGE_TEST_TIMEOUT_US, false,
			  adapter, cq);
	for (; k < count; k++)
		bad += !qlge_test_match(set->channel[0], &cq->ring[k].rx,
					frames, seen);
	if (bitmap_full(seen, QLGE_TEST_FRAMES))
		return 0;
	netdev_err(adapter->netdev,
		   "loopback: %u of %u frames came back, %u other\n",
		   bitmap_weight(seen, QLGE_TEST_FRAMES), QLGE_TEST_FRAMES,
		   bad);
	return -EIO;
}

static int qlge_test_channel_irqs(struct qlge_adapter *adapter,
				  struct qlge_set *set)
{
	unsigned int i;
	bool seen;

	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		if (read_poll_timeout(READ_ONCE, seen, seen, QLGE_TEST_POLL_US,
				      QLGE_TEST_TIMEOUT_US, false,
				      ch->irq_seen)) {
			netdev_err(adapter->netdev,
				   "vector %u does not fire\n",
				   qlge_channel_msix(ch));
			return -EIO;
		}
	}
	return 0;
}

/**
 * qlge_test_rings - tests with queues
 * @adapter: adapter
 * @set: rings the device has been given; nothing but this test uses them, no
 *	frame is routed to them, and function and rings are reset afterwards
 * @data: QLGE_NTESTS results
 *
 * The frames are where the address lists would be, which requests of one
 * piece do not have: that memory is there as long as the device can read it.
 *
 * Context: process, RTNL.
 */
void qlge_test_rings(struct qlge_adapter *adapter, struct qlge_set *set,
		     u64 *data)
{
	const struct qlge_dma *mem = &set->channel[0]->tx.extra_mem;
	int irq, loop, i;

	static_assert(QLGE_RING_MIN * QLGE_OAL_ENTRIES *
		      sizeof(struct qlge_tbd) >=
		      QLGE_TEST_FRAMES * QLGE_TEST_LEN);
	for (i = 0; i < QLGE_TEST_FRAMES; i++)
		qlge_test_fill(adapter, mem->va + i * QLGE_TEST_LEN, i);

	irq = qlge_irq_request_test(adapter, set);
	if (irq) {
		loop = irq;
		goto out;
	}
	qlge_irq_enable_all(adapter, set);
	irq = qlge_mpi_irq_test(adapter);
	if (irq)
		netdev_err(adapter->netdev, "vector 0 does not fire\n");
	/* With a single vector it is masked now. */
	qlge_irq_enable_all(adapter, set);

	loop = qlge_mpi_loopback(adapter, true);
	if (!loop)
		loop = qlge_route_init(adapter, set->cfg.channels > 1);
	if (!loop)
		loop = qlge_test_loop(adapter, set, mem->va, mem->dma);
	if (!irq)
		irq = qlge_test_channel_irqs(adapter, set);
	qlge_route_clear(adapter);
	if (qlge_mpi_loopback(adapter, false) && !loop)
		loop = -EIO;

	qlge_irq_disable_all(adapter);
	qlge_irq_release(adapter, set);
	/* A handler that was running may have touched the enables. */
	qlge_irq_disable_all(adapter);
out:
	data[QLGE_TEST_INTERRUPT] = -irq;
	data[QLGE_TEST_LOOPBACK] = -loop;
}

static int qlge_test_link(struct qlge_adapter *adapter)
{
	u32 need = STS_PL(adapter->port) | STS_PORT_INIT(adapter->port);
	u32 sts = qlge_read(adapter, STS);

	return !qlge_gone(adapter, sts) && (sts & need) == need ? 0 : -ENOLINK;
}

static int qlge_test_flash(struct qlge_adapter *adapter)
{
	__le32 *block;
	int err;

	block = kzalloc(qlge_flash_block_size(adapter), GFP_KERNEL);
	if (!block)
		return -ENOMEM;
	err = qlge_flash_read_block(adapter, block);
	if (!err && !qlge_flash_valid(adapter, block))
		err = -EIO;
	kfree(block);
	return err;
}

/**
 * qlge_self_test - ethtool -t
 * @netdev: net device
 * @etest: what to do, and whether anything failed
 * @data: QLGE_NTESTS results: 0, or the number of an error
 *
 * Context: process, RTNL.
 */
void qlge_self_test(struct net_device *netdev, struct ethtool_test *etest,
		    u64 *data)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	unsigned int i;

	memset(data, 0, QLGE_NTESTS * sizeof(*data));
	/* Before the others, which take the link down. */
	data[QLGE_TEST_LINK] = -qlge_test_link(adapter);
	data[QLGE_TEST_FLASH] = -qlge_test_flash(adapter);
	if (etest->flags & ETH_TEST_FL_OFFLINE)
		qlge_offline_test(adapter, data);
	for (i = 0; i < QLGE_NTESTS; i++)
		if (data[i])
			etest->flags |= ETH_TEST_FL_FAILED;
}
