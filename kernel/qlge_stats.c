// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: of rings, of rings that are gone, of the MAC; qstats, rtnl.
 *
 * A counter never goes back: when a set of rings is replaced its counters
 * are added to the base in the same critical section that changes the set.
 */
#include <net/netdev_queues.h>

#include "qlge.h"

const char qlge_rx_stat_name[QLGE_RX_NSTATS][ETH_GSTRING_LEN] = {
	[QLGE_RX_PACKETS]		= "packets",
	[QLGE_RX_BYTES]			= "bytes",
	[QLGE_RX_ALLOC_FAIL]		= "alloc_fail",
	[QLGE_RX_WATERMARK]		= "watermark",
	[QLGE_RX_RECYCLED]		= "recycled",
	[QLGE_RX_STASH_HITS]		= "stash_hits",
	[QLGE_RX_CHUNK_ALLOCS]		= "chunk_allocs",
	[QLGE_RX_CHUNK_REUSE]		= "chunk_reuse",
	[QLGE_RX_OUTAGES]		= "outages",
	[QLGE_RX_OUTAGE_NS]		= "outage_ns",
	[QLGE_RX_XDP_PASS]		= "xdp_pass",
	[QLGE_RX_XDP_DROP]		= "xdp_drop",
	[QLGE_RX_XDP_TX]		= "xdp_tx",
	[QLGE_RX_XDP_REDIRECT]		= "xdp_redirect",
	[QLGE_RX_XDP_ABORTED]		= "xdp_aborted",
	[QLGE_RX_LENGTH_ERRORS]		= "length_errors",
	[QLGE_RX_MAC_ERRORS]		= "mac_errors",
	[QLGE_RX_CSUM_NONE]		= "csum_none",
	[QLGE_RX_CSUM_UNNECESSARY]	= "csum_unnecessary",
	[QLGE_RX_CSUM_BAD]		= "csum_bad",
	[QLGE_RX_XSK_COPIED]		= "xsk_copied",
	[QLGE_RX_REFILL_RUNS]		= "refill_runs",
};

const char qlge_tx_stat_name[QLGE_TX_NSTATS][ETH_GSTRING_LEN] = {
	[QLGE_TX_PACKETS]		= "packets",
	[QLGE_TX_BYTES]			= "bytes",
	[QLGE_TX_ERRORS]		= "errors",
	[QLGE_TX_WAKE]			= "wake",
	[QLGE_TX_STOP]			= "stop",
	[QLGE_TX_CSUM]			= "csum",
	[QLGE_TX_CSUM_NONE]		= "csum_none",
	[QLGE_TX_GSO_PACKETS]		= "gso_packets",
	[QLGE_TX_GSO_BYTES]		= "gso_bytes",
	[QLGE_TX_GSO_WIRE]		= "gso_wire_packets",
	[QLGE_TX_GSO_WIRE_BYTES]	= "gso_wire_bytes",
	[QLGE_TX_DROPPED]		= "dropped",
};

/* XGMAC counters in the order of Documentation/hardware/statistics.rst. */
const char qlge_mac_stat_name[QLGE_MAC_NSTATS][ETH_GSTRING_LEN] = {
	"mac_tx_pkts", "mac_tx_bytes", "mac_tx_mcast_pkts",
	"mac_tx_bcast_pkts", "mac_tx_ucast_pkts", "mac_tx_ctl_pkts",
	"mac_tx_pause_pkts", "mac_tx_64_pkts", "mac_tx_65_to_127_pkts",
	"mac_tx_128_to_255_pkts", "mac_tx_256_511_pkts",
	"mac_tx_512_to_1023_pkts", "mac_tx_1024_to_1518_pkts",
	"mac_tx_1519_to_max_pkts", "mac_tx_undersize_pkts",
	"mac_tx_oversize_pkts",
	"mac_rx_bytes", "mac_rx_bytes_ok", "mac_rx_pkts", "mac_rx_pkts_ok",
	"mac_rx_bcast_pkts", "mac_rx_mcast_pkts", "mac_rx_ucast_pkts",
	"mac_rx_undersize_pkts", "mac_rx_oversize_pkts",
	"mac_rx_jabber_pkts", "mac_rx_undersize_fcerr_pkts",
	"mac_rx_drop_events", "mac_rx_fcerr_pkts", "mac_rx_align_err",
	"mac_rx_symbol_err", "mac_rx_mac_err", "mac_rx_ctl_pkts",
	"mac_rx_pause_pkts", "mac_rx_64_pkts", "mac_rx_65_to_127_pkts",
	"mac_rx_128_255_pkts", "mac_rx_256_511_pkts",
	"mac_rx_512_to_1023_pkts", "mac_rx_1024_to_1518_pkts",
	"mac_rx_1519_to_max_pkts", "mac_rx_len_err_pkts",
	"mac_tx_cbfc_pause_frames0", "mac_tx_cbfc_pause_frames1",
	"mac_tx_cbfc_pause_frames2", "mac_tx_cbfc_pause_frames3",
	"mac_tx_cbfc_pause_frames4", "mac_tx_cbfc_pause_frames5",
	"mac_tx_cbfc_pause_frames6", "mac_tx_cbfc_pause_frames7",
	"mac_rx_cbfc_pause_frames0", "mac_rx_cbfc_pause_frames1",
	"mac_rx_cbfc_pause_frames2", "mac_rx_cbfc_pause_frames3",
	"mac_rx_cbfc_pause_frames4", "mac_rx_cbfc_pause_frames5",
	"mac_rx_cbfc_pause_frames6", "mac_rx_cbfc_pause_frames7",
	"mac_rx_nic_fifo_drop",
};

#define QLGE_MAC_FIFO_DROP	0x5b8

/* Where they are: runs of 64-bit counters in the XGMAC window. */
static const struct {
	u16 addr;
	u16 n;
} qlge_mac_stat_run[] = {
	{ 0x200, 16 }, { 0x300, 26 }, { 0x500, 8 }, { 0x568, 8 },
	{ QLGE_MAC_FIFO_DROP, 1 },
};

/**
 * qlge_rx_stats_read - add the counters of a receive ring
 * @rx: ring
 * @val: QLGE_RX_NSTATS sums
 *
 * Context: any.
 */
void qlge_rx_stats_read(struct qlge_rx_ring *rx, u64 *val)
{
	u64 now[QLGE_RX_NSTATS];
	unsigned int start;
	int i;

	do {
		start = u64_stats_fetch_begin(&rx->syncp);
		for (i = 0; i < QLGE_RX_NSTATS; i++)
			now[i] = u64_stats_read(&rx->stat[i]);
	} while (u64_stats_fetch_retry(&rx->syncp, start));
	now[QLGE_RX_REFILL_RUNS] = atomic64_read(&rx->refill_runs);
	now[QLGE_RX_ALLOC_FAIL] += atomic64_read(&rx->refill_alloc_fail);
	for (i = 0; i < QLGE_RX_NSTATS; i++)
		val[i] += now[i];
}

/**
 * qlge_tx_stats_read - add the counters of a work queue
 * @tx: ring
 * @val: QLGE_TX_NSTATS sums
 *
 * Context: any.
 */
void qlge_tx_stats_read(struct qlge_tx_ring *tx, u64 *val)
{
	u64 now[QLGE_TX_NSTATS];
	unsigned int start;
	int i;

	do {
		start = u64_stats_fetch_begin(&tx->syncp);
		for (i = 0; i < QLGE_TX_FIRST_SENDER; i++)
			now[i] = u64_stats_read(&tx->stat[i]);
	} while (u64_stats_fetch_retry(&tx->syncp, start));
	do {
		start = u64_stats_fetch_begin(&tx->sender_syncp);
		for (i = QLGE_TX_FIRST_SENDER; i < QLGE_TX_NSTATS; i++)
			now[i] = u64_stats_read(&tx->stat[i]);
	} while (u64_stats_fetch_retry(&tx->sender_syncp, start));
	for (i = 0; i < QLGE_TX_NSTATS; i++)
		val[i] += now[i];
}

static void qlge_xdp_stats_read(struct qlge_set *set, u64 *val)
{
	unsigned int i;

	for (i = 0; i < set->cfg.channels; i++)
		qlge_tx_stats_read(&set->channel[i]->xdp, val);
	for (i = 0; i < set->nxmit; i++)
		qlge_tx_stats_read(&set->xmit[i], val);
}

static void qlge_rx_stats_move(struct qlge_rx_ring *rx, u64 *val)
{
	int i;

	qlge_rx_stats_read(rx, val);
	for (i = 0; i < QLGE_RX_NSTATS; i++)
		u64_stats_set(&rx->stat[i], 0);
	atomic64_set(&rx->refill_runs, 0);
	atomic64_set(&rx->refill_alloc_fail, 0);
}

static void qlge_tx_stats_move(struct qlge_tx_ring *tx, u64 *val)
{
	int i;

	qlge_tx_stats_read(tx, val);
	for (i = 0; i < QLGE_TX_NSTATS; i++)
		u64_stats_set(&tx->stat[i], 0);
}

/**
 * qlge_stats_fold - move the counters of a channel to the base
 * @adapter: adapter
 * @ch: channel, stopped or never started
 *
 * Context: process; stats_lock if readers know the channel.
 */
void qlge_stats_fold(struct qlge_adapter *adapter, struct qlge_channel *ch)
{
	if (ch->rx.ch)
		qlge_rx_stats_move(&ch->rx, adapter->base_rx);
	if (ch->tx.ch)
		qlge_tx_stats_move(&ch->tx, adapter->base_tx);
	if (ch->xdp.ch)
		qlge_tx_stats_move(&ch->xdp, adapter->base_xdp);
}

/**
 * qlge_stats_publish - make another set the one that is counted
 * @adapter: adapter
 * @set: new set, or NULL
 *
 * The counters of the old one, which is stopped, move to the base; it may be
 * published again if the new one does not start.
 *
 * Context: process, RTNL.
 */
void qlge_stats_publish(struct qlge_adapter *adapter, struct qlge_set *set)
{
	struct qlge_set *old = adapter->set;
	unsigned int i;

	ASSERT_RTNL();
	spin_lock_bh(&adapter->stats_lock);
	for (i = 0; old && i < old->cfg.channels; i++)
		qlge_stats_fold(adapter, old->channel[i]);
	for (i = 0; old && i < old->nxmit; i++)
		qlge_tx_stats_move(&old->xmit[i], adapter->base_xdp);
	adapter->set = set;
	spin_unlock_bh(&adapter->stats_lock);
}

/*
 * Bring counter @n, at @addr, up to date. It goes on over a reset of the slot,
 * which begins the card's own anew. There is no latch: a carry between the
 * halves is caught by reading the high half again.
 * Context: RTNL, the MAC's semaphore is held.
 */
static int qlge_mac_counter_update(struct qlge_adapter *adapter, u32 addr,
				   unsigned int n)
{
	u32 lo, hi, again;
	u64 now;
	int err;

	err = qlge_xgmac_read(adapter, addr + 4, &hi);
	if (!err)
		err = qlge_xgmac_read(adapter, addr, &lo);
	if (!err)
		err = qlge_xgmac_read(adapter, addr + 4, &again);
	if (!err && hi != again)
		err = qlge_xgmac_read(adapter, addr, &lo);
	if (err)
		return err;
	now = (u64)again << 32 | lo;
	if (now < adapter->mac_last[n])
		adapter->mac_last[n] = 0;
	adapter->mac_stat[n] += now - adapter->mac_last[n];
	adapter->mac_last[n] = now;
	return 0;
}

/**
 * qlge_mac_stats_update - read the counters of the MAC
 * @adapter: adapter
 *
 * If the MAC cannot be read the last values stay.
 *
 * Context: process, RTNL.
 */
void qlge_mac_stats_update(struct qlge_adapter *adapter)
{
	enum qlge_sem sem = qlge_xgmac_sem(adapter);
	unsigned int i, run, n = 0;

	ASSERT_RTNL();
	if (qlge_sem_lock(adapter, sem))
		return;
	for (run = 0; run < ARRAY_SIZE(qlge_mac_stat_run); run++) {
		u32 addr = qlge_mac_stat_run[run].addr;

		for (i = 0; i < qlge_mac_stat_run[run].n; i++, addr += 8)
			if (qlge_mac_counter_update(adapter, addr, n++))
				goto unlock;
	}
unlock:
	qlge_sem_unlock(adapter, sem);
}

/* Frames the receive FIFO had no room for. Context: process, RTNL. */
static u64 qlge_fifo_drops(struct qlge_adapter *adapter)
{
	enum qlge_sem sem = qlge_xgmac_sem(adapter);
	unsigned int n = QLGE_MAC_NSTATS - 1;

	ASSERT_RTNL();
	if (!qlge_sem_lock(adapter, sem)) {
		qlge_mac_counter_update(adapter, QLGE_MAC_FIFO_DROP, n);
		qlge_sem_unlock(adapter, sem);
	}
	return adapter->mac_stat[n];
}

/**
 * qlge_get_stats64 - ndo_get_stats64
 * @netdev: net device
 * @stats: result
 *
 * Context: any but hard interrupt.
 */
void qlge_get_stats64(struct net_device *netdev,
		      struct rtnl_link_stats64 *stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u64 rx[QLGE_RX_NSTATS], tx[QLGE_TX_NSTATS];
	struct qlge_set *set;
	unsigned int i;

	spin_lock_bh(&adapter->stats_lock);
	set = adapter->set;
	memcpy(rx, adapter->base_rx, sizeof(rx));
	for (i = 0; i < QLGE_TX_NSTATS; i++)
		tx[i] = adapter->base_tx[i] + adapter->base_xdp[i];
	for (i = 0; set && i < set->cfg.channels; i++) {
		qlge_rx_stats_read(&set->channel[i]->rx, rx);
		qlge_tx_stats_read(&set->channel[i]->tx, tx);
	}
	if (set)
		qlge_xdp_stats_read(set, tx);
	spin_unlock_bh(&adapter->stats_lock);

	stats->rx_packets = rx[QLGE_RX_PACKETS];
	stats->rx_bytes = rx[QLGE_RX_BYTES];
	stats->rx_length_errors = rx[QLGE_RX_LENGTH_ERRORS];
	stats->rx_errors = rx[QLGE_RX_LENGTH_ERRORS] +
			   rx[QLGE_RX_MAC_ERRORS];
	stats->rx_dropped = rx[QLGE_RX_RECYCLED];
	stats->tx_packets = tx[QLGE_TX_PACKETS];
	stats->tx_bytes = tx[QLGE_TX_BYTES];
	stats->tx_errors = tx[QLGE_TX_ERRORS];
	stats->tx_dropped = tx[QLGE_TX_DROPPED];
}

static void qlge_fill_rx(struct netdev_queue_stats_rx *stats, const u64 *rx)
{
	stats->packets = rx[QLGE_RX_PACKETS];
	stats->bytes = rx[QLGE_RX_BYTES];
	stats->alloc_fail = rx[QLGE_RX_ALLOC_FAIL];
	stats->csum_none = rx[QLGE_RX_CSUM_NONE];
	stats->csum_unnecessary = rx[QLGE_RX_CSUM_UNNECESSARY];
	stats->csum_bad = rx[QLGE_RX_CSUM_BAD];
}

static void qlge_fill_tx(struct netdev_queue_stats_tx *stats, const u64 *tx)
{
	stats->packets = tx[QLGE_TX_PACKETS];
	stats->bytes = tx[QLGE_TX_BYTES];
	stats->hw_drops = tx[QLGE_TX_ERRORS];
	stats->csum_none = tx[QLGE_TX_CSUM_NONE];
	stats->needs_csum = tx[QLGE_TX_CSUM];
	stats->hw_gso_packets = tx[QLGE_TX_GSO_PACKETS];
	stats->hw_gso_bytes = tx[QLGE_TX_GSO_BYTES];
	stats->hw_gso_wire_packets = tx[QLGE_TX_GSO_WIRE];
	stats->hw_gso_wire_bytes = tx[QLGE_TX_GSO_WIRE_BYTES];
	stats->stop = tx[QLGE_TX_STOP];
	stats->wake = tx[QLGE_TX_WAKE];
}

static void qlge_get_queue_stats_rx(struct net_device *netdev, int idx,
				    struct netdev_queue_stats_rx *stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u64 rx[QLGE_RX_NSTATS] = { };

	spin_lock_bh(&adapter->stats_lock);
	if (adapter->set && idx < adapter->set->cfg.channels)
		qlge_rx_stats_read(&adapter->set->channel[idx]->rx, rx);
	spin_unlock_bh(&adapter->stats_lock);
	qlge_fill_rx(stats, rx);
}

static void qlge_get_queue_stats_tx(struct net_device *netdev, int idx,
				    struct netdev_queue_stats_tx *stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u64 tx[QLGE_TX_NSTATS] = { };

	spin_lock_bh(&adapter->stats_lock);
	if (adapter->set && idx < adapter->set->cfg.channels)
		qlge_tx_stats_read(&adapter->set->channel[idx]->tx, tx);
	spin_unlock_bh(&adapter->stats_lock);
	qlge_fill_tx(stats, tx);
}

/* Rings that are gone, and the XDP queues, which are no netdev queues. */
static void qlge_get_base_stats(struct net_device *netdev,
				struct netdev_queue_stats_rx *rx_stats,
				struct netdev_queue_stats_tx *tx_stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u64 rx[QLGE_RX_NSTATS], tx[QLGE_TX_NSTATS], xdp[QLGE_TX_NSTATS];

	spin_lock_bh(&adapter->stats_lock);
	memcpy(rx, adapter->base_rx, sizeof(rx));
	memcpy(tx, adapter->base_tx, sizeof(tx));
	memcpy(xdp, adapter->base_xdp, sizeof(xdp));
	if (adapter->set)
		qlge_xdp_stats_read(adapter->set, xdp);
	spin_unlock_bh(&adapter->stats_lock);
	/* Their "stop" is a frame refused, not a queue stopped. */
	tx[QLGE_TX_PACKETS] += xdp[QLGE_TX_PACKETS];
	tx[QLGE_TX_BYTES] += xdp[QLGE_TX_BYTES];
	tx[QLGE_TX_ERRORS] += xdp[QLGE_TX_ERRORS];
	qlge_fill_rx(rx_stats, rx);
	/* Frames that found no room in the card, which does not say where. */
	rx_stats->hw_drops = qlge_fifo_drops(adapter);
	rx_stats->hw_drop_overruns = rx_stats->hw_drops;
	qlge_fill_tx(tx_stats, tx);
}

const struct netdev_stat_ops qlge_stat_ops = {
	.get_queue_stats_rx	= qlge_get_queue_stats_rx,
	.get_queue_stats_tx	= qlge_get_queue_stats_tx,
	.get_base_stats		= qlge_get_base_stats,
};
