// SPDX-License-Identifier: GPL-2.0-only
/*
 * net_device_ops, sets of rings, up and down, recovery.
 */
#include <net/netdev_queues.h>

#include "qlge.h"
#include "qlge_trace.h"

#define QLGE_RESET_TRIES	3
/* So many resets, each within a minute of the one before, and it is dead. */
#define QLGE_RESET_QUICK	(60 * HZ)
#define QLGE_RESET_QUICK_MAX	10
#define QLGE_SERVICE_RETRY	(HZ / 2)
/* How often the service work looks for what nobody has told it. */
#define QLGE_CHECK_PERIOD	(5 * HZ)

/**
 * qlge_schedule_reset - report an error, which may lead to recovery
 * @adapter: adapter
 * @reason: what has happened
 *
 * Errors of a device that is not up are not reported: the next start resets
 * it anyway.
 *
 * Context: any.
 */
void qlge_schedule_reset(struct qlge_adapter *adapter,
			 enum qlge_reset_reason reason)
{
	if (!test_bit(QLGE_F_UP, &adapter->flags))
		return;
	set_bit(reason, &adapter->errors);
	/* It may sleep for long in the hardware's time-outs. */
	queue_work(system_long_wq, &adapter->reset_work);
}

/**
 * qlge_gone - does a register read say that the device is not there?
 * @adapter: adapter
 * @val: value of a register that is never all ones
 *
 * Context: any. Return: true if it is not. That stays so until it is opened
 * or attached again.
 */
bool qlge_gone(struct qlge_adapter *adapter, u32 val)
{
	if (likely(val != ~0))
		return false;
	if (!test_and_set_bit(QLGE_F_GONE, &adapter->flags)) {
		dev_err(&adapter->pdev->dev, "device does not answer\n");
		qlge_schedule_reset(adapter, QLGE_RESET_GONE);
	}
	return true;
}

int qlge_dma_alloc(struct device *dev, struct qlge_dma *mem, size_t size)
{
	mem->va = dma_alloc_coherent(dev, size, &mem->dma, GFP_KERNEL);
	if (!mem->va)
		return -ENOMEM;
	mem->size = size;
	return 0;
}

void qlge_dma_free(struct device *dev, struct qlge_dma *mem)
{
	if (!mem->va)
		return;
	dma_free_coherent(dev, mem->size, mem->va, mem->dma);
	mem->va = NULL;
}

/**
 * qlge_schedule_event - have the service work look at something
 * @adapter: adapter
 * @event: what
 *
 * Context: any. While the interface is down the event waits for it.
 */
void qlge_schedule_event(struct qlge_adapter *adapter, enum qlge_event event)
{
	set_bit(event, &adapter->events);
	mod_delayed_work(system_dfl_wq, &adapter->service_work, 0);
}

static void qlge_channel_free(struct qlge_channel *ch)
{
	struct qlge_adapter *adapter = ch->adapter;
	struct device *dev = &adapter->pdev->dev;

	/* What a set that never ran has counted is failed allocations. */
	spin_lock_bh(&adapter->stats_lock);
	qlge_stats_fold(adapter, ch);
	spin_unlock_bh(&adapter->stats_lock);
	qlge_rx_free(ch);
	qlge_tx_free(&ch->xdp);
	qlge_tx_free(&ch->tx);
	qlge_dma_free(dev, &ch->tx_cq.shadow_mem);
	qlge_dma_free(dev, &ch->tx_cq.mem);
	netif_napi_del(&ch->napi);
	kfree(ch);
}

static int qlge_tx_cq_alloc(struct qlge_channel *ch, u16 id, unsigned int len)
{
	struct device *dev = &ch->adapter->pdev->dev;
	struct qlge_cq *cq = &ch->tx_cq;
	int err;

	cq->id = id;
	cq->mask = len - 1;
	cq->db = ch->adapter->db + QLGE_DB_CQ(id);
	err = qlge_dma_alloc(dev, &cq->mem, len * sizeof(*cq->ring));
	if (err)
		return err;
	cq->ring = cq->mem.va;
	err = qlge_dma_alloc(dev, &cq->shadow_mem, sizeof(__le64));
	cq->shadow = cq->shadow_mem.va;
	return err;
}

static struct qlge_channel *qlge_channel_alloc(struct qlge_adapter *adapter,
					       struct qlge_set *set,
					       unsigned int i)
{
	const struct qlge_config *cfg = &set->cfg;
	struct qlge_channel *ch;
	int err;

	ch = kzalloc(sizeof(*ch), GFP_KERNEL);
	if (!ch)
		return ERR_PTR(-ENOMEM);
	ch->adapter = adapter;
	ch->set = set;
	ch->index = i;
	/* Sockets that poll know it by its id, which other rings shall keep. */
	netif_napi_add_config(adapter->netdev, &ch->napi, qlge_poll, i);

	/* Ids: receive CQs, transmit CQs; stack WQs, XDP_TX WQs, xmit WQs. */
	err = qlge_rx_alloc(ch, cfg);
	if (!err)
		err = qlge_tx_cq_alloc(ch, cfg->channels + i, cfg->tx_len);
	if (!err)
		err = qlge_tx_alloc(ch, &ch->tx, &ch->tx_cq, i, cfg->tx_len,
				    QLGE_TX_USE_STACK);
	if (!err)
		err = qlge_tx_alloc(ch, &ch->xdp, &ch->rx.cq,
				    cfg->channels + i, cfg->tx_len,
				    QLGE_TX_USE_XDP);
	if (err) {
		qlge_channel_free(ch);
		return ERR_PTR(err);
	}
	return ch;
}

static void qlge_set_free(struct qlge_set *set)
{
	unsigned int i;

	/* Their frames came back at stop; these own no receive buffer. */
	for (i = 0; set->xmit && i < set->nxmit; i++)
		qlge_tx_free(&set->xmit[i]);
	kvfree(set->xmit);
	for (i = 0; i < set->cfg.channels; i++)
		if (set->channel[i])
			qlge_channel_free(set->channel[i]);
	kfree(set);
}

/*
 * All memory of a configuration, receive buffers included; the device is not
 * touched. Context: process, RTNL.
 */
static struct qlge_set *qlge_set_alloc(struct qlge_adapter *adapter,
				       const struct qlge_config *cfg)
{
	struct qlge_set *set;
	unsigned int i;
	int err;

	set = kzalloc(struct_size(set, channel, cfg->channels), GFP_KERNEL);
	if (!set)
		return ERR_PTR(-ENOMEM);
	set->cfg = *cfg;
	for (i = 0; i < cfg->channels; i++) {
		struct qlge_channel *ch = qlge_channel_alloc(adapter, set, i);

		if (IS_ERR(ch)) {
			err = PTR_ERR(ch);
			goto free;
		}
		set->channel[i] = ch;
	}

	/* A queue for every CPU that may redirect to us, as far as they go. */
	set->nxmit = min_t(unsigned int, nr_cpu_ids,
			   QLGE_HW_MAX_WQ - 2 * cfg->channels);
	set->xmit = kvcalloc(set->nxmit, sizeof(*set->xmit), GFP_KERNEL);
	if (!set->xmit) {
		err = -ENOMEM;
		goto free;
	}
	for (i = 0; i < set->nxmit; i++) {
		struct qlge_channel *ch = set->channel[i % cfg->channels];

		set->xmit[i].shared = set->nxmit < nr_cpu_ids;
		err = qlge_tx_alloc(ch, &set->xmit[i], &ch->rx.cq,
				    2 * cfg->channels + i, cfg->tx_len,
				    QLGE_TX_USE_XMIT);
		if (err)
			goto free;
	}
	return set;

free:
	qlge_set_free(set);
	return ERR_PTR(err);
}

/*
 * Software state of every ring back to empty; buffers stay, but with @pools
 * where a queue has one. qlge_set_stop() undoes it, complete or not.
 */
static int qlge_set_start(struct qlge_set *set, bool pools)
{
	unsigned int i;
	int err;

	for (i = 0; i < set->nxmit; i++)
		qlge_tx_start(&set->xmit[i]);
	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		qlge_tx_start(&ch->tx);
		qlge_tx_start(&ch->xdp);
		ch->tx_cq.cons = 0;
		*ch->tx_cq.shadow = 0;
		err = qlge_rx_start(ch, pools ? ch->adapter->xsk[i] : NULL);
		if (err)
			return err;
	}
	return 0;
}

/* Everything that the device will not complete any more comes back. */
static void qlge_set_stop(struct qlge_adapter *adapter, struct qlge_set *set)
{
	unsigned int i;

	for (i = 0; i < set->nxmit; i++)
		qlge_tx_stop(&set->xmit[i]);
	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		qlge_tx_stop(&ch->tx);
		qlge_tx_stop(&ch->xdp);
		qlge_rx_stop(ch);
		netdev_tx_reset_queue(netdev_get_tx_queue(adapter->netdev, i));
	}
}

static void qlge_reset_or_isolate(struct qlge_adapter *adapter, bool drain)
{
	/* Memory is about to be freed: if DMA cannot be stopped, cut it off. */
	if (qlge_function_reset(adapter, drain))
		pci_clear_master(adapter->pdev);
}

/*
 * A CPU for each transmit queue, once: what the user changes later stays. The
 * core forgets the maps of queues that go away.
 */
static void qlge_spread_xps(struct qlge_adapter *adapter, unsigned int n)
{
	int node = dev_to_node(&adapter->pdev->dev);
	unsigned int i;

	for (i = adapter->xps_queues; i < n; i++)
		netif_set_xps_queue(adapter->netdev,
				    cpumask_of(cpumask_local_spread(i, node)),
				    i);
	adapter->xps_queues = n;
}

/* Start @set, which is the published one. Context: process, RTNL. */
static int qlge_up(struct qlge_adapter *adapter, struct qlge_set *set,
		   bool drain)
{
	struct net_device *netdev = adapter->netdev;
	unsigned int i;
	int err;

	ASSERT_RTNL();
	/* No DMA before the reset has made the device forget old rings. */
	err = qlge_function_reset(adapter, drain);
	if (err) {
		pci_clear_master(adapter->pdev);
		return err;
	}
	pci_set_master(adapter->pdev);
	err = netif_set_real_num_queues(netdev, set->cfg.channels,
					set->cfg.channels);
	if (err)
		return err;
	qlge_spread_xps(adapter, set->cfg.channels);
	err = qlge_set_start(set, true);
	if (err)
		goto stop;
	err = qlge_irq_request(adapter, set);
	if (err)
		goto stop;
	err = qlge_hw_init(adapter, set);
	if (err)
		goto reset;

	/* What went wrong before belongs to rings and firmware of before. */
	adapter->errors = 0;
	clear_bit(QLGE_F_FATAL, &adapter->flags);
	adapter->next_check = jiffies + QLGE_CHECK_PERIOD;
	adapter->starts++;
	/* Before the first poll, which may have something to report. */
	set_bit(QLGE_F_UP, &adapter->flags);
	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		qlge_rx_doorbell(ch);
		netif_napi_set_irq(&ch->napi, qlge_channel_irq(ch));
		napi_enable(&ch->napi);
		enable_delayed_work(&ch->rx.refill);
		netif_queue_set_napi(netdev, i, NETDEV_QUEUE_TYPE_RX,
				     &ch->napi);
		netif_queue_set_napi(netdev, i, NETDEV_QUEUE_TYPE_TX,
				     &ch->napi);
	}
	rcu_assign_pointer(adapter->xdp_set, set);
	/* Not only started: a qdisc may hold frames from before a reset. */
	netif_tx_wake_all_queues(netdev);
	enable_delayed_work(&adapter->service_work);
	qlge_irq_enable_all(adapter, set);
	qlge_mpi_irq_enable(adapter, true);
	qlge_schedule_event(adapter, QLGE_EV_RX_MODE);
	qlge_schedule_event(adapter, QLGE_EV_LINK);

	/* A ring that started below full asks for its refill work now. */
	local_bh_disable();
	for (i = 0; i < set->cfg.channels; i++)
		napi_schedule(&set->channel[i]->napi);
	local_bh_enable();
	/* Or devlink would leave the next error to the user. */
	qlge_health_ok(adapter);
	return 0;

reset:
	qlge_irq_release(adapter, set);
	qlge_reset_or_isolate(adapter, false);
stop:
	qlge_set_stop(adapter, set);
	return err;
}

/*
 * Stop the published set. Nothing here waits for a thread that wants RTNL,
 * and nothing waits for a device that has gone. Context: process, RTNL.
 */
static void qlge_down(struct qlge_adapter *adapter, bool drain)
{
	struct net_device *netdev = adapter->netdev;
	static const u8 none[ETH_ALEN];
	struct qlge_set *set = adapter->set;
	unsigned int i;

	ASSERT_RTNL();
	clear_bit(QLGE_F_UP, &adapter->flags);
	RCU_INIT_POINTER(adapter->xdp_set, NULL);
	disable_delayed_work_sync(&adapter->service_work);
	netif_carrier_off(netdev);
	/* No ndo_xdp_xmit() with the old set after this. */
	synchronize_net();

	/*
	 * First the works, which schedule NAPI. They may wait for memory, so
	 * all of them before the first channel goes deaf.
	 */
	for (i = 0; i < set->cfg.channels; i++)
		disable_delayed_work_sync(&set->channel[i]->rx.refill);
	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		netif_queue_set_napi(netdev, i, NETDEV_QUEUE_TYPE_RX, NULL);
		netif_queue_set_napi(netdev, i, NETDEV_QUEUE_TYPE_TX, NULL);
		napi_disable(&ch->napi);
	}
	/* After NAPI, which wakes queues. */
	netif_tx_disable(netdev);

	qlge_mpi_irq_enable(adapter, false);
	qlge_irq_disable_all(adapter);
	qlge_irq_release(adapter, set);
	/* A handler that was running may have set EI again. */
	qlge_irq_disable_all(adapter);
	if (test_bit(QLGE_F_GONE, &adapter->flags)) {
		pci_clear_master(adapter->pdev);
	} else {
		qlge_set_station(adapter, none);
		qlge_fifo_drops_update(adapter);
		qlge_reset_or_isolate(adapter, drain);
	}
	qlge_set_stop(adapter, set);
}

/* Device and firmware may have come back, or been reset: ask them again. */
static void qlge_forgive(struct qlge_adapter *adapter)
{
	clear_bit(QLGE_F_GONE, &adapter->flags);
	mutex_lock(&adapter->mbox_lock);
	adapter->mbox_dead = false;
	adapter->failed_checks = 0;
	adapter->busy_events = 0;
	mutex_unlock(&adapter->mbox_lock);
}

static int qlge_open(struct net_device *netdev)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_set *set;
	int err;

	qlge_forgive(adapter);
	if (qlge_gone(adapter, qlge_read(adapter, STS)))
		return -ENODEV;
	set = qlge_set_alloc(adapter, &adapter->cfg);
	if (IS_ERR(set)) {
		netdev_err(netdev, "no memory for rings and buffers\n");
		return PTR_ERR(set);
	}
	qlge_stats_publish(adapter, set);
	err = qlge_up(adapter, set, true);
	if (err) {
		netdev_err(netdev, "start failed: %d\n", err);
		qlge_stats_publish(adapter, NULL);
		qlge_set_free(set);
		return err;
	}
	clear_bit(QLGE_F_DEAD, &adapter->flags);
	adapter->quick_resets = 0;
	return 0;
}

static int qlge_stop(struct net_device *netdev)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_set *set = adapter->set;

	if (!set)
		return 0;
	/* Not up: recovery has failed, or it is detached. */
	if (test_bit(QLGE_F_UP, &adapter->flags))
		qlge_down(adapter, true);
	qlge_stats_publish(adapter, NULL);
	qlge_set_free(set);
	return 0;
}

/**
 * qlge_refuse - say why a request is refused
 * @adapter: adapter
 * @extack: where, or NULL if the interface has none: then the log has to do
 * @why: the words
 *
 * Context: process.
 */
void qlge_refuse(struct qlge_adapter *adapter, struct netlink_ext_ack *extack,
		 const char *why)
{
	if (extack)
		NL_SET_ERR_MSG_FMT_MOD(extack, "%s", why);
	else
		netdev_warn(adapter->netdev, "%s\n", why);
}

/*
 * Close the interface after a failure that recovery could not cure.
 * Context: process, RTNL.
 */
static void qlge_close_dead(struct qlge_adapter *adapter)
{
	set_bit(QLGE_F_DEAD, &adapter->flags);
	qlge_health_dead(adapter);
	dev_close(adapter->netdev);
}

/**
 * qlge_reconfigure - change ring sizes or channels
 * @adapter: adapter
 * @cfg: new configuration, checked by the caller
 * @extack: says why it was refused; may be NULL
 *
 * The new rings, buffers included, are allocated while the old ones run. If
 * that fails, or the device does not take them, the old ones go on.
 *
 * Context: process, RTNL. Return: 0 or a negative errno.
 */
int qlge_reconfigure(struct qlge_adapter *adapter,
		     const struct qlge_config *cfg,
		     struct netlink_ext_ack *extack)
{
	struct qlge_set *old = adapter->set, *new;
	int err;

	ASSERT_RTNL();
	if (!netif_running(adapter->netdev)) {
		err = netif_set_real_num_queues(adapter->netdev, cfg->channels,
						cfg->channels);
		if (err)
			return err;
		adapter->cfg = *cfg;
		adapter->xps_queues = min(adapter->xps_queues, cfg->channels);
		netdev_update_features(adapter->netdev);
		return 0;
	}
	if (!test_bit(QLGE_F_UP, &adapter->flags)) {
		qlge_refuse(adapter, extack, "device is not running");
		return -EIO;
	}
	new = qlge_set_alloc(adapter, cfg);
	if (IS_ERR(new)) {
		qlge_refuse(adapter, extack,
			    "no memory for new rings; the old ones keep running");
		return PTR_ERR(new);
	}
	qlge_down(adapter, true);
	qlge_stats_publish(adapter, new);
	err = qlge_up(adapter, new, false);
	if (!err) {
		adapter->cfg = *cfg;
		qlge_set_free(old);
		netdev_update_features(adapter->netdev);
		return 0;
	}
	qlge_refuse(adapter, extack,
		    "device refused the new rings; back to the old ones");
	qlge_stats_publish(adapter, old);
	qlge_set_free(new);
	if (qlge_up(adapter, old, false)) {
		netdev_err(adapter->netdev, "old rings do not start either\n");
		qlge_close_dead(adapter);
	}
	return err;
}

/**
 * qlge_rebind - change where the receive buffers of a queue come from
 * @adapter: adapter
 * @queue: queue
 * @xsk: a pool that has been mapped, or NULL: page fragments
 *
 * The card forgets a queue by a function reset only, so all of them stop for a
 * moment. The page fragments of a queue with a pool stay, idle, so that
 * nothing is missing when it has none any more.
 *
 * Context: process, RTNL. Return: 0, or a negative errno: a pool that was not
 * accepted is not bound; one that shall go is gone in any case.
 */
int qlge_rebind(struct qlge_adapter *adapter, unsigned int queue,
		struct qlge_xsk *xsk)
{
	int err;

	ASSERT_RTNL();
	if (!test_bit(QLGE_F_UP, &adapter->flags)) {
		adapter->xsk[queue] = xsk;
		return 0;
	}
	qlge_down(adapter, true);
	adapter->xsk[queue] = xsk;
	err = qlge_up(adapter, adapter->set, false);
	if (!err)
		return 0;
	adapter->xsk[queue] = NULL;
	if (!xsk || qlge_up(adapter, adapter->set, false)) {
		netdev_err(adapter->netdev, "rings do not start: %d\n", err);
		qlge_close_dead(adapter);
	} else {
		qlge_refuse(adapter, NULL,
			    "AF_XDP zero copy refused: rings do not start with its buffers");
	}
	return err;
}

/**
 * qlge_offline_test - the self tests that stop the traffic
 * @adapter: adapter
 * @data: QLGE_NTESTS results; others than 0 are failures
 *
 * Whatever they find, an interface that was up is started again.
 *
 * Context: process, RTNL.
 */
void qlge_offline_test(struct qlge_adapter *adapter, u64 *data)
{
	bool up = test_bit(QLGE_F_UP, &adapter->flags);
	struct qlge_set *set = adapter->set;
	int err = 0, i;

	ASSERT_RTNL();
	if (up) {
		qlge_down(adapter, true);
	} else {
		set = qlge_set_alloc(adapter, &adapter->cfg);
		if (IS_ERR(set)) {
			for (i = QLGE_TEST_FIRST_OFFLINE; i < QLGE_NTESTS; i++)
				data[i] = -PTR_ERR(set);
			return;
		}
	}
	qlge_test_stopped(adapter, data);

	err = qlge_function_reset(adapter, false);
	if (!err) {
		pci_set_master(adapter->pdev);
		err = qlge_set_start(set, false);
	}
	if (!err)
		err = qlge_hw_init(adapter, set);
	/* Nothing comes from the wire before the loop is closed. */
	if (!err)
		err = qlge_route_clear(adapter);
	if (!err) {
		for (i = 0; i < set->cfg.channels; i++)
			qlge_rx_doorbell(set->channel[i]);
		qlge_test_rings(adapter, set, data);
	} else {
		data[QLGE_TEST_INTERRUPT] = -err;
		data[QLGE_TEST_LOOPBACK] = -err;
	}
	qlge_reset_or_isolate(adapter, false);
	qlge_set_stop(adapter, set);

	if (!up) {
		qlge_set_free(set);
		return;
	}
	err = -EIO;
	for (i = 0; i < QLGE_RESET_TRIES && err; i++)
		if (!test_bit(QLGE_F_GONE, &adapter->flags))
			err = qlge_up(adapter, set, false);
	if (err) {
		netdev_err(adapter->netdev, "no start after self test: %d\n",
			   err);
		qlge_close_dead(adapter);
	}
}

/* Recoveries, one soon after the other, that do not end. Context: RTNL. */
static bool qlge_too_often(struct qlge_adapter *adapter)
{
	if (adapter->last_reset &&
	    time_before(jiffies, adapter->last_reset + QLGE_RESET_QUICK))
		adapter->quick_resets++;
	else
		adapter->quick_resets = 0;
	adapter->last_reset = jiffies;
	return adapter->quick_resets > QLGE_RESET_QUICK_MAX;
}

/*
 * Rings, filters, program and statistics survive. After QLGE_RESET_TRIES
 * failures, or resets that do not end, the interface is closed.
 * Context: process, RTNL; the interface is up.
 */
static int qlge_reset(struct qlge_adapter *adapter,
		      enum qlge_reset_reason reason)
{
	struct net_device *netdev = adapter->netdev;
	int err = -EIO, i;
	bool often;

	netdev_warn(netdev, "resetting, reason %u\n", reason);
	qlge_down(adapter, false);
	often = qlge_too_often(adapter);
	adapter->last_reason = reason;
	for (i = 0; i < QLGE_RESET_TRIES; i++) {
		if (often || test_bit(QLGE_F_GONE, &adapter->flags))
			break;
		err = qlge_up(adapter, adapter->set, false);
		if (!err)
			break;
	}
	atomic64_inc(&adapter->resets);
	trace_qlge_reset(netdev->ifindex, reason, err);
	if (err) {
		netdev_err(netdev, "recovery failed: %d; closing\n", err);
		qlge_close_dead(adapter);
	}
	return err;
}

/**
 * qlge_recover - get a device in trouble to work again
 * @adapter: adapter
 * @reason: why
 * @extack: says why it is refused
 *
 * An interface that is up is reset; one that an earlier recovery has closed
 * is opened; for one that is down there is nothing to do, since opening
 * resets it.
 *
 * Context: process, devlink lock, not RTNL. Return: 0 or a negative errno.
 */
int qlge_recover(struct qlge_adapter *adapter, enum qlge_reset_reason reason,
		 struct netlink_ext_ack *extack)
{
	struct net_device *netdev = adapter->netdev;
	int err = 0;

	rtnl_lock();
	if (netdev->reg_state != NETREG_REGISTERED ||
	    !netif_device_present(netdev)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "device is suspended or in PCI error recovery");
		err = -EBUSY;
	} else if (test_bit(QLGE_F_UP, &adapter->flags)) {
		err = qlge_reset(adapter, reason);
		if (err)
			NL_SET_ERR_MSG_MOD(extack,
					   "reset failed; the interface is closed");
	} else if (test_bit(QLGE_F_DEAD, &adapter->flags)) {
		err = dev_open(netdev, extack);
		if (err)
			NL_SET_ERR_MSG_MOD(extack,
					   "the interface does not open");
	}
	rtnl_unlock();
	return err;
}

/**
 * qlge_recover_firmware - restart firmware that has failed or is silent
 * @adapter: adapter
 * @extack: says what went wrong
 *
 * The rings go on meanwhile. Firmware that stays dead closes the interface.
 *
 * Context: process, devlink lock, not RTNL, which others need while this
 * waits for the firmware. Return: 0 or a negative errno.
 */
int qlge_recover_firmware(struct qlge_adapter *adapter,
			  struct netlink_ext_ack *extack)
{
	unsigned int starts;
	bool up, often;
	int err = -EIO;

	rtnl_lock();
	starts = adapter->starts;
	up = test_bit(QLGE_F_UP, &adapter->flags);
	often = up && qlge_too_often(adapter);
	if (up)
		adapter->last_reason = QLGE_RESET_FIRMWARE;
	rtnl_unlock();
	if (!up)
		return qlge_recover(adapter, QLGE_RESET_FIRMWARE, extack);
	if (!often)
		err = qlge_mpi_recover(adapter);
	if (!err)
		return 0;
	rtnl_lock();
	if (!test_bit(QLGE_F_UP, &adapter->flags)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "firmware does not start; the interface is down");
	} else if (adapter->starts != starts) {
		/* All this was before that start; the checks go on. */
		err = 0;
	} else {
		NL_SET_ERR_MSG_MOD(extack,
				   "firmware does not start; the interface is closed");
		netdev_err(adapter->netdev, "no firmware: %d; closing\n", err);
		qlge_close_dead(adapter);
	}
	rtnl_unlock();
	return err;
}

/*
 * Context: process (workqueue). Reporting takes the devlink lock, and recovery
 * RTNL, so nothing that holds either waits for this work.
 */
static void qlge_reset_work(struct work_struct *work)
{
	struct qlge_adapter *adapter = container_of(work, struct qlge_adapter,
						    reset_work);
	unsigned int reason;

	/* One reset cures all that came before it: see qlge_up(). */
	for (reason = 0; reason < QLGE_RESET_NREASONS; reason++)
		if (test_and_clear_bit(reason, &adapter->errors))
			qlge_health_report(adapter, reason);
}

/**
 * qlge_detach - stop the device for somebody who will reset or power it down
 * @adapter: adapter
 * @drain: stop management traffic first; off if the device may not answer
 *
 * Rings and configuration stay, an interface that is up stays "up".
 *
 * Context: process.
 */
void qlge_detach(struct qlge_adapter *adapter, bool drain)
{
	rtnl_lock();
	netif_device_detach(adapter->netdev);
	if (test_bit(QLGE_F_UP, &adapter->flags))
		qlge_down(adapter, drain);
	/* A dump that has not seen the detach ends first. */
	mutex_lock(&adapter->mbox_lock);
	mutex_unlock(&adapter->mbox_lock);
	rtnl_unlock();
}

/**
 * qlge_attach - undo qlge_detach()
 * @adapter: adapter
 *
 * Context: process. Return: 0, or a negative errno with the interface closed.
 */
int qlge_attach(struct qlge_adapter *adapter)
{
	struct net_device *netdev = adapter->netdev;
	int err = 0;

	rtnl_lock();
	qlge_forgive(adapter);
	if (netif_running(netdev)) {
		err = qlge_up(adapter, adapter->set, true);
		if (err) {
			netdev_err(netdev, "restart failed: %d; closing\n",
				   err);
			qlge_close_dead(adapter);
		}
	}
	netif_device_attach(netdev);
	/* Given up while it did not answer, which it does now. */
	if (!err && test_bit(QLGE_F_DEAD, &adapter->flags))
		err = dev_open(netdev, NULL);
	rtnl_unlock();
	return err;
}

static bool qlge_cq_stalled(const struct qlge_cq *cq, u32 *checked)
{
	u32 cons = READ_ONCE(cq->cons);
	bool stalled = cons == *checked &&
		       cons != le32_to_cpu(READ_ONCE(*cq->shadow));

	*checked = cons;
	return stalled;
}

/*
 * A vector whose message was lost stays masked: what waits in a queue and was
 * not touched from one check to the next is fetched. A single vector may as
 * well have been meant for the firmware: NAPI enables it again in any case.
 * Context: service work, which runs only while the set does.
 */
static void qlge_check_channels(struct qlge_adapter *adapter)
{
	struct qlge_set *set = adapter->set;
	unsigned int i;

	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];
		bool rx = qlge_cq_stalled(&ch->rx.cq, &ch->checked_rx);
		bool tx = qlge_cq_stalled(&ch->tx_cq, &ch->checked_tx);

		/* Nobody sends, so nobody finds a queue of sockets stuck. */
		if (rx || tx || adapter->nvec == 1 || ch->rx.pool) {
			local_bh_disable();
			napi_schedule(&ch->napi);
			local_bh_enable();
		}
	}
}

/*
 * Firmware events, link, filters.
 * Context: process (workqueue); enabled between up and down, and takes neither
 * RTNL nor the devlink lock, whose holders wait for it there.
 */
static void qlge_service_work(struct work_struct *work)
{
	struct qlge_adapter *adapter =
		container_of(to_delayed_work(work), struct qlge_adapter,
			     service_work);
	bool rss = adapter->set->cfg.channels > 1;
	unsigned long *events = &adapter->events;
	bool again = false;

	if (time_after_eq(jiffies, adapter->next_check)) {
		adapter->next_check = jiffies + QLGE_CHECK_PERIOD;
		qlge_mpi_check(adapter);
		qlge_irq_check(adapter);
		qlge_check_channels(adapter);
		qlge_fifo_drops_update(adapter);
	}
	if (test_and_clear_bit(QLGE_EV_MPI, events) &&
	    qlge_mpi_events(adapter)) {
		set_bit(QLGE_EV_MPI, events);
		again = true;
	}
	if (test_and_clear_bit(QLGE_EV_FW_INIT, events)) {
		/* What new firmware may have forgotten. */
		adapter->cam_known = false;
		adapter->vlans_known = false;
		if (adapter->is_8012)
			qlge_mpi_port_cfg(adapter);
		if (!adapter->is_8012 && qlge_mpi_port_config(adapter)) {
			qlge_schedule_reset(adapter, QLGE_RESET_FIRMWARE);
		} else if (qlge_route_init(adapter, rss)) {
			set_bit(QLGE_EV_FW_INIT, events);
			again = true;
		}
		set_bit(QLGE_EV_RX_MODE, events);
		set_bit(QLGE_EV_LINK, events);
	}
	if (test_and_clear_bit(QLGE_EV_LINK, events) &&
	    qlge_link_update(adapter)) {
		set_bit(QLGE_EV_LINK, events);
		again = true;
	}
	if (test_and_clear_bit(QLGE_EV_RX_MODE, events) &&
	    qlge_set_rx_mode(adapter)) {
		set_bit(QLGE_EV_RX_MODE, events);
		again = true;
	}
	if (test_bit(QLGE_F_GONE, &adapter->flags))
		return;
	/* Again: a semaphore was held elsewhere, or there was no memory. */
	queue_delayed_work(system_dfl_wq, &adapter->service_work,
			   again ? QLGE_SERVICE_RETRY : QLGE_CHECK_PERIOD);
}

static void qlge_ndo_set_rx_mode(struct net_device *netdev)
{
	qlge_schedule_event(netdev_priv(netdev), QLGE_EV_RX_MODE);
}

static int qlge_set_mac_address(struct net_device *netdev, void *p)
{
	int err;

	err = eth_prepare_mac_addr_change(netdev, p);
	if (err)
		return err;
	eth_commit_mac_addr_change(netdev, p);
	/* The CAM has one writer, and the address only while there is a link. */
	qlge_schedule_event(netdev_priv(netdev), QLGE_EV_LINK);
	return 0;
}

/* Context: RTNL. 802.1Q only, as NETIF_F_HW_VLAN_CTAG_FILTER says. */
static int qlge_vlan_add(struct net_device *netdev, __be16 proto, u16 vid)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	if (!test_and_set_bit(vid, adapter->vlans))
		qlge_schedule_event(adapter, QLGE_EV_RX_MODE);
	return 0;
}

static int qlge_vlan_kill(struct net_device *netdev, __be16 proto, u16 vid)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	/* A tag with id 0 names no VLAN: such frames are always wanted. */
	if (vid && test_and_clear_bit(vid, adapter->vlans))
		qlge_schedule_event(adapter, QLGE_EV_RX_MODE);
	return 0;
}

static int qlge_vlan_note(struct net_device *netdev, int vid, void *arg)
{
	/* Fully ordered: the id is there before the filter is on. */
	test_and_set_bit(vid, arg);
	return 0;
}

static netdev_features_t qlge_fix_features(struct net_device *netdev,
					   netdev_features_t features)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	/* The card hashes what it spreads, and one queue has nothing to. */
	if (adapter->cfg.channels == 1)
		features &= ~NETIF_F_RXHASH;
	return features;
}

static int qlge_set_features(struct net_device *netdev,
			     netdev_features_t features)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	netdev_features_t changed = features ^ netdev->features;

	/*
	 * The core names the ids only after this, and the table has to be
	 * complete when the card begins to look at it.
	 */
	if (changed & features & NETIF_F_HW_VLAN_CTAG_FILTER)
		vlan_for_each(netdev, qlge_vlan_note, adapter->vlans);
	assign_bit(QLGE_F_VLAN_FILTER, &adapter->flags,
		   features & NETIF_F_HW_VLAN_CTAG_FILTER);
	assign_bit(QLGE_F_VLAN_STRIP, &adapter->flags,
		   features & NETIF_F_HW_VLAN_CTAG_RX);
	if (changed & (NETIF_F_HW_VLAN_CTAG_FILTER | NETIF_F_HW_VLAN_CTAG_RX))
		qlge_schedule_event(adapter, QLGE_EV_RX_MODE);
	return 0;
}

/*
 * No chunk of a socket is given frames that take more than one buffer, and a
 * short ring has not enough spares for a pool that is empty.
 */
static xdp_features_t qlge_xdp_features(const struct qlge_adapter *adapter)
{
	xdp_features_t features = NETDEV_XDP_ACT_BASIC |
				  NETDEV_XDP_ACT_REDIRECT |
				  NETDEV_XDP_ACT_NDO_XMIT |
				  NETDEV_XDP_ACT_RX_SG |
				  NETDEV_XDP_ACT_NDO_XMIT_SG;

	if (adapter->netdev->mtu <= QLGE_XDP_MAX_MTU &&
	    adapter->cfg.rx_len >= QLGE_XSK_RX_MIN)
		features |= NETDEV_XDP_ACT_XSK_ZEROCOPY;
	return features;
}

/**
 * qlge_xdp_features_update - say what works with this MTU and these rings
 * @adapter: adapter
 *
 * Context: process, RTNL; the interface is registered.
 */
void qlge_xdp_features_update(struct qlge_adapter *adapter)
{
	xdp_set_features_flag(adapter->netdev, qlge_xdp_features(adapter));
}

static int qlge_change_mtu(struct net_device *netdev, int mtu)
{
	/*
	 * Buffers are the same at every MTU. With a program attached
	 * max_mtu is lower and the core has refused what does not fit.
	 */
	WRITE_ONCE(netdev->mtu, mtu);
	qlge_xdp_features_update(netdev_priv(netdev));
	return 0;
}

static void qlge_tx_timeout(struct net_device *netdev, unsigned int txqueue)
{
	netdev_err(netdev, "transmit queue %u timed out\n", txqueue);
	qlge_schedule_reset(netdev_priv(netdev), QLGE_RESET_TX_TIMEOUT);
}

static const struct net_device_ops qlge_netdev_ops = {
	.ndo_open		= qlge_open,
	.ndo_stop		= qlge_stop,
	.ndo_start_xmit		= qlge_xmit,
	.ndo_features_check	= qlge_features_check,
	.ndo_set_rx_mode	= qlge_ndo_set_rx_mode,
	.ndo_set_mac_address	= qlge_set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= qlge_change_mtu,
	.ndo_vlan_rx_add_vid	= qlge_vlan_add,
	.ndo_vlan_rx_kill_vid	= qlge_vlan_kill,
	.ndo_fix_features	= qlge_fix_features,
	.ndo_set_features	= qlge_set_features,
	.ndo_tx_timeout		= qlge_tx_timeout,
	.ndo_get_stats64	= qlge_get_stats64,
	.ndo_bpf		= qlge_bpf,
	.ndo_xdp_xmit		= qlge_xdp_xmit,
	.ndo_xsk_wakeup		= qlge_xsk_wakeup,
};

/**
 * qlge_netdev_alloc - net device with an adapter whose hardware is unknown
 * @pdev: PCI device
 *
 * Context: process. Return: the net device, or NULL.
 */
struct net_device *qlge_netdev_alloc(struct pci_dev *pdev)
{
	struct qlge_adapter *adapter;
	struct net_device *netdev;

	netdev = alloc_etherdev_mq(sizeof(*adapter), QLGE_HW_MAX_WQ / 3);
	if (!netdev)
		return NULL;
	SET_NETDEV_DEV(netdev, &pdev->dev);
	adapter = netdev_priv(netdev);
	adapter->netdev = netdev;
	adapter->pdev = pdev;
	adapter->is_8012 = pdev->device == QLGE_DEVICE_ID_8012;
	mutex_init(&adapter->hw_lock);
	mutex_init(&adapter->mbox_lock);
	spin_lock_init(&adapter->stats_lock);
	INIT_WORK(&adapter->reset_work, qlge_reset_work);
	INIT_DELAYED_WORK(&adapter->service_work, qlge_service_work);
	disable_delayed_work(&adapter->service_work);
	netdev_rss_key_fill(adapter->rss.key, sizeof(adapter->rss.key));
	adapter->rss.types = RSS_RT4 | RSS_RT6;
	adapter->cfg.rx_len = QLGE_RX_RING_DEF;
	adapter->cfg.tx_len = QLGE_TX_RING_DEF;
	adapter->rx_usecs = QLGE_USECS_DEF;
	adapter->tx_usecs = QLGE_USECS_DEF;
	/* As the card's earlier drivers do. */
	if (qlge_wol_supported(pdev)) {
		adapter->wol = WAKE_MAGIC;
		device_set_wakeup_enable(&pdev->dev, true);
	}

	netdev->netdev_ops = &qlge_netdev_ops;
	netdev->ethtool_ops = &qlge_ethtool_ops;
	netdev->stat_ops = &qlge_stat_ops;
	netdev->watchdog_timeo = QLGE_TX_TIMEOUT;
	/* The CAM takes another address at any time. */
	netdev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_UNICAST_FLT;
	netdev->min_mtu = QLGE_MIN_MTU;
	netdev->max_mtu = QLGE_MAX_MTU;
	netif_set_tso_max_size(netdev, QLGE_TX_MAX_SEG);
	netdev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM |
			      NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6 |
			      NETIF_F_TSO_ECN | NETIF_F_RXCSUM |
			      NETIF_F_RXHASH;
	netdev->vlan_features = (netdev->hw_features & ~NETIF_F_RXHASH) |
				NETIF_F_HIGHDMA;
	netdev->hw_features |= NETIF_F_HW_VLAN_CTAG_TX |
			       NETIF_F_HW_VLAN_CTAG_RX |
			       NETIF_F_HW_VLAN_CTAG_FILTER;
	netdev->features = netdev->hw_features | NETIF_F_HIGHDMA;
	/* What qlge_set_features() would do; the core has nothing to change. */
	set_bit(QLGE_F_VLAN_STRIP, &adapter->flags);
	set_bit(QLGE_F_VLAN_FILTER, &adapter->flags);
	set_bit(0, adapter->vlans);
	netdev->xdp_features = qlge_xdp_features(adapter);
	netdev->xdp_metadata_ops = &qlge_xdp_metadata_ops;
	netdev->xsk_tx_metadata_ops = &qlge_xsk_metadata_ops;
	return netdev;
}
