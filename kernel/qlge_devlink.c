// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink: versions, health reporters, automatic recovery.
 *
 * The devlink lock comes before RTNL: reports are made by a work of their own
 * that holds neither, and recovery takes RTNL inside.
 */
#include "qlge.h"

/* Entries of a ring in a dump, and those of them that are done with. */
#define QLGE_DUMP_ENTRIES	16
#define QLGE_DUMP_DONE		4

/* What is reported where, in the order of enum qlge_reset_reason. */
static const struct {
	enum qlge_reporter reporter;
	const char *msg;
} qlge_error[QLGE_RESET_NREASONS] = {
	[QLGE_RESET_TX_TIMEOUT] = {
		QLGE_REPORTER_TX, "transmit queue timed out" },
	[QLGE_RESET_FATAL] = {
		QLGE_REPORTER_ASIC, "fatal error" },
	[QLGE_RESET_CHIP_EVENT] = {
		QLGE_REPORTER_ASIC, "chip event" },
	[QLGE_RESET_BAD_COMPLETION] = {
		QLGE_REPORTER_RX, "bad receive completion" },
	[QLGE_RESET_MAILBOX] = {
		QLGE_REPORTER_ASIC, "mailbox cannot be read" },
	[QLGE_RESET_TX_COMPLETION] = {
		QLGE_REPORTER_TX, "bad transmit completion" },
	[QLGE_RESET_PCI] = {
		QLGE_REPORTER_ASIC, "PCI error" },
	[QLGE_RESET_GONE] = {
		QLGE_REPORTER_ASIC, "device does not answer" },
	[QLGE_RESET_FIRMWARE] = {
		QLGE_REPORTER_FW, "firmware failed or is silent" },
	[QLGE_RESET_REFUSED] = {
		QLGE_REPORTER_ASIC, "setting refused while running" },
	[QLGE_RESET_USER] = {
		QLGE_REPORTER_ASIC, "reset by the user" },
};

/**
 * qlge_health_report - tell devlink, which may recover
 * @adapter: adapter
 * @reason: what has happened
 *
 * Context: process (reset work), neither devlink lock nor RTNL.
 */
void qlge_health_report(struct qlge_adapter *adapter,
			enum qlge_reset_reason reason)
{
	const char *msg = qlge_error[reason].msg;

	/* Closed meanwhile: the next start resets it anyway. */
	if (!test_bit(QLGE_F_UP, &adapter->flags))
		return;
	/* An error of before has not been recovered, or it is too soon. */
	if (devlink_health_report(adapter->reporter[qlge_error[reason].reporter],
				  msg, &reason) == -ECANCELED)
		netdev_err(adapter->netdev, "%s: left to devlink recover\n",
			   msg);
}

/**
 * qlge_health_ok - the device has just started
 * @adapter: adapter
 *
 * Context: process, RTNL.
 */
void qlge_health_ok(struct qlge_adapter *adapter)
{
	int i;

	for (i = 0; i < QLGE_NREPORTERS; i++)
		devlink_health_reporter_state_update(adapter->reporter[i],
						     DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
}

/**
 * qlge_health_dead - the interface was closed because it does not start
 * @adapter: adapter
 *
 * devlink would not call a healthy reporter to recover.
 *
 * Context: process, RTNL.
 */
void qlge_health_dead(struct qlge_adapter *adapter)
{
	devlink_health_reporter_state_update(adapter->reporter[QLGE_REPORTER_ASIC],
					     DEVLINK_HEALTH_REPORTER_STATE_ERROR);
}

static int qlge_reset_recover(struct devlink_health_reporter *reporter,
			      void *ctx, struct netlink_ext_ack *extack)
{
	const enum qlge_reset_reason *reason = ctx;

	return qlge_recover(devlink_health_reporter_priv(reporter),
			    reason ? *reason : QLGE_RESET_USER, extack);
}

/*
 * What a dump has of a ring: a few entries done with and those the driver or
 * the device would take next, as they are in memory.
 */
static void qlge_put_entries(struct devlink_fmsg *fmsg, const char *name,
			     const void *ring, size_t size, u32 mask, u32 cons)
{
	u32 i, slot;

	devlink_fmsg_arr_pair_nest_start(fmsg, name);
	for (i = 0; i < QLGE_DUMP_ENTRIES; i++) {
		slot = (cons - QLGE_DUMP_DONE + i) & mask;
		devlink_fmsg_obj_nest_start(fmsg);
		devlink_fmsg_u32_pair_put(fmsg, "index", slot);
		devlink_fmsg_binary_pair_put(fmsg, "data", ring + slot * size,
					     size);
		devlink_fmsg_obj_nest_end(fmsg);
	}
	devlink_fmsg_arr_pair_nest_end(fmsg);
}

static void qlge_put_ring(struct devlink_fmsg *fmsg,
			  const struct qlge_tx_ring *tx, const char *kind,
			  bool entries)
{
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_string_pair_put(fmsg, "kind", kind);
	devlink_fmsg_u32_pair_put(fmsg, "wq", tx->id);
	devlink_fmsg_u32_pair_put(fmsg, "length", tx->mask + 1);
	devlink_fmsg_u32_pair_put(fmsg, "prod", READ_ONCE(tx->prod));
	devlink_fmsg_u32_pair_put(fmsg, "cons", READ_ONCE(tx->cons));
	if (entries)
		qlge_put_entries(fmsg, "requests", tx->ring, sizeof(*tx->ring),
				 tx->mask, READ_ONCE(tx->cons));
}

static void qlge_put_cq(struct devlink_fmsg *fmsg, const struct qlge_cq *cq,
			bool entries)
{
	devlink_fmsg_u32_pair_put(fmsg, "cq", cq->id);
	devlink_fmsg_u32_pair_put(fmsg, "cq_prod",
				  le32_to_cpu(READ_ONCE(*cq->shadow)));
	devlink_fmsg_u32_pair_put(fmsg, "cq_cons", READ_ONCE(cq->cons));
	if (entries)
		qlge_put_entries(fmsg, "completions", cq->ring,
				 sizeof(*cq->ring), cq->mask,
				 READ_ONCE(cq->cons));
}

/* The state of all transmit queues; for a dump, with entries. */
static int qlge_put_tx(struct qlge_adapter *adapter, struct devlink_fmsg *fmsg,
		       bool entries)
{
	struct qlge_set *set;
	unsigned int i;

	/* Keeps the set. */
	rtnl_lock();
	set = adapter->set;
	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; set && i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];
		struct netdev_queue *txq;

		txq = netdev_get_tx_queue(adapter->netdev, i);
		qlge_put_ring(fmsg, &ch->tx, "stack", entries);
		qlge_put_cq(fmsg, &ch->tx_cq, entries);
		devlink_fmsg_bool_pair_put(fmsg, "stopped",
					   netif_tx_queue_stopped(txq));
		devlink_fmsg_obj_nest_end(fmsg);
	}
	for (i = 0; set && i < set->cfg.channels; i++) {
		qlge_put_ring(fmsg, &set->channel[i]->xdp, "xdp-tx", entries);
		devlink_fmsg_obj_nest_end(fmsg);
	}
	for (i = 0; set && i < set->nxmit; i++) {
		qlge_put_ring(fmsg, &set->xmit[i], "xdp-xmit", entries);
		devlink_fmsg_obj_nest_end(fmsg);
	}
	devlink_fmsg_arr_pair_nest_end(fmsg);
	rtnl_unlock();
	return 0;
}

static int qlge_tx_diagnose(struct devlink_health_reporter *reporter,
			    struct devlink_fmsg *fmsg,
			    struct netlink_ext_ack *extack)
{
	return qlge_put_tx(devlink_health_reporter_priv(reporter), fmsg,
			   false);
}

static int qlge_tx_dump(struct devlink_health_reporter *reporter,
			struct devlink_fmsg *fmsg, void *ctx,
			struct netlink_ext_ack *extack)
{
	return qlge_put_tx(devlink_health_reporter_priv(reporter), fmsg, true);
}

static void qlge_put_bq(struct devlink_fmsg *fmsg,
			const struct qlge_rx_ring *rx,
			const struct qlge_bq *bq, const char *name)
{
	bool starved = READ_ONCE(bq->starved) && !READ_ONCE(rx->pool);

	devlink_fmsg_pair_nest_start(fmsg, name);
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "length", bq->mask + 1);
	devlink_fmsg_u32_pair_put(fmsg, "fill", qlge_bq_visible(bq));
	devlink_fmsg_u32_pair_put(fmsg, "min_fill", READ_ONCE(bq->min_fill));
	devlink_fmsg_u32_pair_put(fmsg, "watermark", bq->low);
	devlink_fmsg_u32_pair_put(fmsg, "prod", READ_ONCE(bq->prod));
	devlink_fmsg_bool_pair_put(fmsg, "starved", starved);
	devlink_fmsg_bool_pair_put(fmsg, "holding", READ_ONCE(bq->holding));
	devlink_fmsg_u32_pair_put(fmsg, "home", READ_ONCE(bq->nhome));
	devlink_fmsg_u32_pair_put(fmsg, "retired", READ_ONCE(bq->nretired));
	devlink_fmsg_obj_nest_end(fmsg);
	devlink_fmsg_pair_nest_end(fmsg);
}

/* An outage is no error: the ring gets over it by itself, and shows it. */
static int qlge_put_rx(struct qlge_adapter *adapter, struct devlink_fmsg *fmsg,
		       bool entries)
{
	struct qlge_set *set;
	unsigned int i;

	rtnl_lock();
	set = adapter->set;
	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; set && i < set->cfg.channels; i++) {
		struct qlge_rx_ring *rx = &set->channel[i]->rx;
		u64 stat[QLGE_RX_NSTATS] = { };

		qlge_rx_stats_read(rx, stat);
		devlink_fmsg_obj_nest_start(fmsg);
		qlge_put_cq(fmsg, &rx->cq, entries);
		devlink_fmsg_bool_pair_put(fmsg, "outage",
					   READ_ONCE(rx->outage));
		devlink_fmsg_bool_pair_put(fmsg, "broken",
					   READ_ONCE(rx->broken));
		devlink_fmsg_u32_pair_put(fmsg, "stash",
					  READ_ONCE(rx->stash.n));
		devlink_fmsg_u64_pair_put(fmsg, "alloc_fail",
					  stat[QLGE_RX_ALLOC_FAIL]);
		devlink_fmsg_u64_pair_put(fmsg, "outages",
					  stat[QLGE_RX_OUTAGES]);
		devlink_fmsg_u64_pair_put(fmsg, "recycled",
					  stat[QLGE_RX_RECYCLED]);
		qlge_put_bq(fmsg, rx, &rx->large, "large");
		qlge_put_bq(fmsg, rx, &rx->small, "small");
		devlink_fmsg_obj_nest_end(fmsg);
	}
	devlink_fmsg_arr_pair_nest_end(fmsg);
	rtnl_unlock();
	return 0;
}

static int qlge_rx_diagnose(struct devlink_health_reporter *reporter,
			    struct devlink_fmsg *fmsg,
			    struct netlink_ext_ack *extack)
{
	return qlge_put_rx(devlink_health_reporter_priv(reporter), fmsg,
			   false);
}

static int qlge_rx_dump(struct devlink_health_reporter *reporter,
			struct devlink_fmsg *fmsg, void *ctx,
			struct netlink_ext_ack *extack)
{
	return qlge_put_rx(devlink_health_reporter_priv(reporter), fmsg, true);
}

static int qlge_fw_recover(struct devlink_health_reporter *reporter, void *ctx,
			   struct netlink_ext_ack *extack)
{
	return qlge_recover_firmware(devlink_health_reporter_priv(reporter),
				     extack);
}

static int qlge_fw_dump(struct devlink_health_reporter *reporter,
			struct devlink_fmsg *fmsg, void *ctx,
			struct netlink_ext_ack *extack)
{
	return qlge_core_dump(devlink_health_reporter_priv(reporter), fmsg,
			      extack);
}

/* Empty if unknown; it has been asked for when the interface came up. */
static void qlge_fw_version(const struct qlge_adapter *adapter, char *buf,
			    size_t size)
{
	snprintf(buf, size, "%lu.%lu.%lu",
		 FIELD_GET(GENMASK(23, 16), adapter->fw_rev),
		 FIELD_GET(GENMASK(15, 8), adapter->fw_rev),
		 FIELD_GET(GENMASK(7, 0), adapter->fw_rev));
}

static int qlge_fw_diagnose(struct devlink_health_reporter *reporter,
			    struct devlink_fmsg *fmsg,
			    struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = devlink_health_reporter_priv(reporter);
	u32 csr = qlge_read(adapter, CSR);
	char version[16];

	qlge_fw_version(adapter, version, sizeof(version));
	devlink_fmsg_string_pair_put(fmsg, "version", version);
	devlink_fmsg_bool_pair_put(fmsg, "answers",
				   !READ_ONCE(adapter->mbox_dead));
	devlink_fmsg_bool_pair_put(fmsg, "owner", qlge_mpi_owner(adapter));
	if (qlge_gone(adapter, csr))
		return 0;
	devlink_fmsg_bool_pair_put(fmsg, "in_reset", csr & CSR_RR);
	devlink_fmsg_bool_pair_put(fmsg, "paused", csr & CSR_RP);
	devlink_fmsg_bool_pair_put(fmsg, "command_pending", csr & CSR_HRI);
	return 0;
}

static int qlge_asic_diagnose(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = devlink_health_reporter_priv(reporter);
	u32 sts = qlge_read(adapter, STS);

	devlink_fmsg_bool_pair_put(fmsg, "answers", !qlge_gone(adapter, sts));
	devlink_fmsg_u32_pair_put(fmsg, "sts", sts);
	devlink_fmsg_u32_pair_put(fmsg, "err_sts",
				  qlge_read(adapter, ERR_STS));
	rtnl_lock();
	devlink_fmsg_u64_pair_put(fmsg, "resets",
				  atomic64_read(&adapter->resets));
	devlink_fmsg_u32_pair_put(fmsg, "quick_recoveries",
				  adapter->quick_resets);
	if (adapter->last_reset)
		devlink_fmsg_string_pair_put(fmsg, "last_reason",
					     qlge_error[adapter->last_reason].msg);
	devlink_fmsg_bool_pair_put(fmsg, "closed_by_failure",
				   test_bit(QLGE_F_DEAD, &adapter->flags));
	rtnl_unlock();
	return 0;
}

/* As in the core dump, which takes the firmware along and this does not. */
static int qlge_asic_dump(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *ctx,
			  struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = devlink_health_reporter_priv(reporter);
	u32 reg;

	devlink_fmsg_arr_pair_nest_start(fmsg, "control");
	for (reg = 0; reg < QLGE_NREGS * 4; reg += 4)
		devlink_fmsg_u32_put(fmsg, qlge_read(adapter, reg));
	devlink_fmsg_arr_pair_nest_end(fmsg);
	return 0;
}

static const struct devlink_health_reporter_ops
qlge_reporter_ops[QLGE_NREPORTERS] = {
	[QLGE_REPORTER_TX] = {
		.name		= "tx",
		.recover	= qlge_reset_recover,
		.diagnose	= qlge_tx_diagnose,
		.dump		= qlge_tx_dump,
	},
	[QLGE_REPORTER_RX] = {
		.name		= "rx",
		.recover	= qlge_reset_recover,
		.diagnose	= qlge_rx_diagnose,
		.dump		= qlge_rx_dump,
	},
	[QLGE_REPORTER_FW] = {
		.name		= "fw",
		.recover	= qlge_fw_recover,
		.diagnose	= qlge_fw_diagnose,
		.dump		= qlge_fw_dump,
	},
	[QLGE_REPORTER_ASIC] = {
		.name		= "asic",
		.recover	= qlge_reset_recover,
		.diagnose	= qlge_asic_diagnose,
		.dump		= qlge_asic_dump,
	},
};

static int qlge_info_get(struct devlink *devlink, struct devlink_info_req *req,
			 struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = *(struct qlge_adapter **)
				       devlink_priv(devlink);
	struct pci_dev *pdev = adapter->pdev;
	u32 rev = qlge_read(adapter, REV_ID);
	char buf[32];
	int err;

	snprintf(buf, sizeof(buf), "%04x:%04x", pdev->subsystem_vendor,
		 pdev->subsystem_device);
	err = devlink_info_version_fixed_put(req,
					     DEVLINK_INFO_VERSION_GENERIC_BOARD_ID,
					     buf);
	if (err)
		return err;
	err = devlink_info_version_fixed_put(req,
					     DEVLINK_INFO_VERSION_GENERIC_ASIC_ID,
					     adapter->is_8012 ? "ISP8012" :
								"ISP8000");
	if (err)
		return err;
	if (!qlge_gone(adapter, rev)) {
		snprintf(buf, sizeof(buf), "%08x", rev);
		err = devlink_info_version_fixed_put(req,
						     DEVLINK_INFO_VERSION_GENERIC_ASIC_REV,
						     buf);
		if (err)
			return err;
	}
	/* What runs now, not what ran when the interface came up. */
	if (qlge_mpi_version(adapter))
		return 0;
	qlge_fw_version(adapter, buf, sizeof(buf));
	return devlink_info_version_running_put(req,
						DEVLINK_INFO_VERSION_GENERIC_FW,
						buf);
}

static const struct devlink_ops qlge_devlink_ops = {
	.info_get	= qlge_info_get,
};

/**
 * qlge_devlink_alloc - devlink instance of an adapter, not registered
 * @adapter: adapter
 *
 * Context: process, probe. Return: 0 or -ENOMEM; qlge_devlink_free() undoes
 * it.
 */
int qlge_devlink_alloc(struct qlge_adapter *adapter)
{
	struct devlink *devlink;

	devlink = devlink_alloc(&qlge_devlink_ops, sizeof(adapter),
				&adapter->pdev->dev);
	if (!devlink)
		return -ENOMEM;
	*(struct qlge_adapter **)devlink_priv(devlink) = adapter;
	adapter->devlink = devlink;
	return 0;
}

void qlge_devlink_free(struct qlge_adapter *adapter)
{
	devlink_free(adapter->devlink);
}

static void qlge_reporters_destroy(struct qlge_adapter *adapter, int n)
{
	while (n--)
		devl_health_reporter_destroy(adapter->reporter[n]);
}

/**
 * qlge_devlink_register - health reporters, port, then the instance itself
 * @adapter: adapter
 *
 * The port has no attributes on purpose: with them the interface would have a
 * port name, and udev would call it by another name than ever before.
 *
 * Context: process, probe, before register_netdev(). Return: 0 or a negative
 * errno; qlge_devlink_unregister() undoes it.
 */
int qlge_devlink_register(struct qlge_adapter *adapter)
{
	struct devlink *devlink = adapter->devlink;
	int err, i;

	devl_lock(devlink);
	for (i = 0; i < QLGE_NREPORTERS; i++) {
		/* How often is too often we say ourselves: no grace period. */
		adapter->reporter[i] =
			devl_health_reporter_create(devlink,
						    &qlge_reporter_ops[i],
						    adapter);
		if (IS_ERR(adapter->reporter[i])) {
			err = PTR_ERR(adapter->reporter[i]);
			goto destroy;
		}
	}
	err = devl_port_register(devlink, &adapter->devlink_port,
				 adapter->port);
	if (err)
		goto destroy;
	SET_NETDEV_DEVLINK_PORT(adapter->netdev, &adapter->devlink_port);
	devl_register(devlink);
	devl_unlock(devlink);
	return 0;

destroy:
	qlge_reporters_destroy(adapter, i);
	devl_unlock(devlink);
	return err;
}

/**
 * qlge_devlink_unregister - undo qlge_devlink_register()
 * @adapter: adapter
 *
 * Context: process, after unregister_netdev() and with no reset work.
 */
void qlge_devlink_unregister(struct qlge_adapter *adapter)
{
	struct devlink *devlink = adapter->devlink;

	devl_lock(devlink);
	devl_unregister(devlink);
	devl_port_unregister(&adapter->devlink_port);
	qlge_reporters_destroy(adapter, QLGE_NREPORTERS);
	devl_unlock(devlink);
}
