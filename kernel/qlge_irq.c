// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectors: MSI-X, MSI, INTx.
 *
 * With at least two MSI-X entries, entry 0 is for the firmware and fatal
 * errors alone, and a data vector touches no register at all: it masks
 * itself when it fires. With a single vector its handler looks at STS.
 */
#include <linux/interrupt.h>

#include "qlge.h"

#define QLGE_INTR_REQ	((u32)(INTR_EN_INTR_MASK | INTR_EN_TYPE_MASK) << 16)
#define QLGE_INTR_IHD	((u32)INTR_EN_IHD << 16 | INTR_EN_IHD)
#define QLGE_INTR_EI	((u32)INTR_EN_EI << 16)

static u32 qlge_irq_enable_req(const struct qlge_adapter *adapter,
			       unsigned int vec)
{
	switch (adapter->irq_mode) {
	case QLGE_IRQ_MSIX:
		return QLGE_INTR_REQ | QLGE_INTR_IHD | INTR_EN_TYPE_ENABLE |
		       vec;
	case QLGE_IRQ_MSI:
		return QLGE_INTR_REQ | INTR_EN_TYPE_ENABLE;
	case QLGE_IRQ_INTX:
		break;
	}
	/* Masking of a vector is not reliable with INTx: EI as well. */
	return QLGE_INTR_REQ | QLGE_INTR_EI | INTR_EN_EI | INTR_EN_TYPE_ENABLE;
}

/* MSI: without it a later enable has no effect. MSI-X masks by itself. */
static void qlge_irq_disable_req(struct qlge_adapter *adapter)
{
	switch (adapter->irq_mode) {
	case QLGE_IRQ_MSIX:
		return;
	case QLGE_IRQ_MSI:
		qlge_write(adapter, INTR_EN,
			   QLGE_INTR_REQ | INTR_EN_TYPE_DISABLE);
		return;
	case QLGE_IRQ_INTX:
		qlge_write(adapter, INTR_EN, QLGE_INTR_REQ | QLGE_INTR_EI |
			   INTR_EN_TYPE_DISABLE);
	}
}

/* Once: what is not recovered stays set. */
static void qlge_irq_fatal(struct qlge_adapter *adapter)
{
	if (test_and_set_bit(QLGE_F_FATAL, &adapter->flags))
		return;
	netdev_err(adapter->netdev, "fatal error, ERR_STS %#x\n",
		   qlge_read(adapter, ERR_STS));
	qlge_schedule_reset(adapter, QLGE_RESET_FATAL);
}

/**
 * qlge_irq_check - make good for a lost interrupt of the misc vector
 * @adapter: adapter
 *
 * The vector masked itself when the message left. A single vector is enabled
 * by NAPI, which the caller schedules next; here is what its handler would have
 * done before.
 *
 * Context: process (service work).
 */
void qlge_irq_check(struct qlge_adapter *adapter)
{
	u32 sts = qlge_read(adapter, STS);

	if (qlge_gone(adapter, sts))
		return;
	if (sts & STS_FE)
		qlge_irq_fatal(adapter);
	else if (adapter->nvec > 1)
		qlge_write(adapter, INTR_EN, qlge_irq_enable_req(adapter, 0));
	else
		qlge_irq_disable_req(adapter);
}

/*
 * Firmware events and fatal errors.
 * Return: false if the vector must stay masked, because a reset is coming or
 * the device has gone.
 */
static bool qlge_irq_status(struct qlge_adapter *adapter, bool *mine)
{
	u32 sts = qlge_read(adapter, STS);

	if (unlikely(qlge_gone(adapter, sts)))
		return false;
	if (unlikely(sts & STS_FE)) {
		*mine = true;
		qlge_irq_fatal(adapter);
		return false;
	}
	if ((sts & STS_PI) &&
	    (qlge_read(adapter, INTR_MASK) & INTR_MASK_PI)) {
		*mine = true;
		/* The work unmasks when it has taken all events. */
		qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI, 0);
		qlge_schedule_event(adapter, QLGE_EV_MPI);
	}
	return true;
}

static irqreturn_t qlge_irq_misc(int irq, void *data)
{
	struct qlge_adapter *adapter = data;
	bool mine;

	if (qlge_irq_status(adapter, &mine))
		qlge_write(adapter, INTR_EN, qlge_irq_enable_req(adapter, 0));
	return IRQ_HANDLED;
}

static irqreturn_t qlge_irq_channel(int irq, void *data)
{
	struct qlge_channel *ch = data;

	napi_schedule_irqoff(&ch->napi);
	return IRQ_HANDLED;
}

/* One vector for everything: channel 0, whose CQs are 0 and 1. */
static irqreturn_t qlge_irq_shared(int irq, void *data)
{
	struct qlge_channel *ch = data;
	struct qlge_adapter *adapter = ch->adapter;
	bool mine = false;

	/*
	 * A neighbour on the line, or the last of ours: nothing must set EI
	 * again now, but the line must not stay asserted until it is cleared.
	 */
	if (!test_bit(QLGE_F_UP, &adapter->flags)) {
		qlge_irq_disable_req(adapter);
		return IRQ_NONE;
	}
	qlge_irq_disable_req(adapter);
	if (!qlge_irq_status(adapter, &mine))
		return IRQ_RETVAL(mine);
	if (qlge_read(adapter, ISR1) &
	    (BIT(ch->rx.cq.id) | BIT(ch->tx_cq.id))) {
		mine = true;
		napi_schedule_irqoff(&ch->napi);
	} else {
		/* The device masks the vector even when there is no work. */
		qlge_write(adapter, INTR_EN, ch->irq_enable);
	}
	return adapter->irq_mode == QLGE_IRQ_INTX ? IRQ_RETVAL(mine) :
						    IRQ_HANDLED;
}

/**
 * qlge_irq_alloc - get vectors for the largest possible configuration
 * @adapter: adapter
 *
 * They are kept for the life of the adapter, so that a change of channels
 * neither fails for want of vectors nor moves interrupt numbers.
 *
 * Context: process, probe. Return: 0 or a negative errno;
 * pci_free_irq_vectors() undoes it.
 */
int qlge_irq_alloc(struct qlge_adapter *adapter)
{
	struct pci_dev *pdev = adapter->pdev;
	int n;

	/* Three work queues per channel, two completion queues. */
	n = min_t(int, num_online_cpus(), QLGE_HW_MAX_WQ / 3);
	n = pci_alloc_irq_vectors(pdev, 1, n + 1, PCI_IRQ_ALL_TYPES);
	if (n < 0)
		return n;
	adapter->nvec = n;
	adapter->irq_mode = pdev->msix_enabled ? QLGE_IRQ_MSIX :
			    pdev->msi_enabled ? QLGE_IRQ_MSI : QLGE_IRQ_INTX;
	/* Plain MSI has one vector in this device whatever it grants. */
	if (adapter->irq_mode != QLGE_IRQ_MSIX)
		adapter->nvec = 1;
	adapter->max_channels = max(adapter->nvec - 1, 1U);
	return 0;
}

/**
 * qlge_channel_msix - vector number for the CQs of a channel
 * @ch: channel
 *
 * Return: MSI-X entry, or 0 with a single vector.
 */
u8 qlge_channel_msix(const struct qlge_channel *ch)
{
	return ch->adapter->nvec > 1 ? ch->index + 1 : 0;
}

/**
 * qlge_channel_irq - Linux interrupt number of a channel
 * @ch: channel
 *
 * Return: interrupt number.
 */
int qlge_channel_irq(const struct qlge_channel *ch)
{
	return pci_irq_vector(ch->adapter->pdev, qlge_channel_msix(ch));
}

/*
 * Self test: which vectors fire. Nothing is polled afterwards, so that the
 * vector, or the line, has to stay quiet.
 */
static irqreturn_t qlge_irq_test_misc(int irq, void *data)
{
	struct qlge_adapter *adapter = data;

	if (!(qlge_read(adapter, STS) & STS_PI) ||
	    !(qlge_read(adapter, INTR_MASK) & INTR_MASK_PI))
		return IRQ_NONE;
	qlge_write_masked(adapter, INTR_MASK, INTR_MASK_PI, 0);
	WRITE_ONCE(adapter->irq_seen, true);
	return IRQ_HANDLED;
}

static irqreturn_t qlge_irq_test_channel(int irq, void *data)
{
	struct qlge_channel *ch = data;

	WRITE_ONCE(ch->irq_seen, true);
	return IRQ_HANDLED;
}

static irqreturn_t qlge_irq_test_shared(int irq, void *data)
{
	struct qlge_channel *ch = data;
	struct qlge_adapter *adapter = ch->adapter;
	irqreturn_t ret = qlge_irq_test_misc(irq, adapter);

	if (qlge_read(adapter, ISR1) &
	    (BIT(ch->rx.cq.id) | BIT(ch->tx_cq.id))) {
		WRITE_ONCE(ch->irq_seen, true);
		ret = IRQ_HANDLED;
	}
	if (ret == IRQ_HANDLED)
		qlge_irq_disable_req(adapter);
	return ret;
}

static int qlge_irq_hook(struct qlge_adapter *adapter, struct qlge_set *set,
			 irq_handler_t misc, irq_handler_t channel)
{
	struct net_device *netdev = adapter->netdev;
	unsigned int i;
	int err;

	if (adapter->nvec > 1) {
		snprintf(adapter->misc_name, sizeof(adapter->misc_name),
			 "%s-misc", netdev->name);
		err = request_irq(pci_irq_vector(adapter->pdev, 0), misc, 0,
				  adapter->misc_name, adapter);
		if (err)
			return err;
	}
	for (i = 0; i < set->cfg.channels; i++) {
		struct qlge_channel *ch = set->channel[i];

		ch->irq_enable = qlge_irq_enable_req(adapter,
						     qlge_channel_msix(ch));
		snprintf(ch->irq_name, sizeof(ch->irq_name), "%s-TxRx-%u",
			 netdev->name, i);
		err = request_irq(qlge_channel_irq(ch), channel,
				  adapter->irq_mode == QLGE_IRQ_INTX ?
				  IRQF_SHARED : 0, ch->irq_name, ch);
		if (err)
			goto release;
	}
	return 0;

release:
	while (i--)
		free_irq(qlge_channel_irq(set->channel[i]), set->channel[i]);
	if (adapter->nvec > 1)
		free_irq(pci_irq_vector(adapter->pdev, 0), adapter);
	return err;
}

/**
 * qlge_irq_request - hook the handlers of a set
 * @adapter: adapter
 * @set: its channels
 *
 * The kernel keeps the affinity of a vector whose handler comes and goes.
 *
 * Context: process, RTNL; the device does not interrupt yet. Return: 0 or a
 * negative errno with nothing hooked.
 */
int qlge_irq_request(struct qlge_adapter *adapter, struct qlge_set *set)
{
	return qlge_irq_hook(adapter, set, qlge_irq_misc, adapter->nvec > 1 ?
			     qlge_irq_channel : qlge_irq_shared);
}

/**
 * qlge_irq_request_test - hook handlers that only tell that they have run
 * @adapter: adapter
 * @set: its channels
 *
 * They set irq_seen of the channel and, for the firmware, of the adapter.
 *
 * Context and return as qlge_irq_request(); qlge_irq_release() undoes it.
 */
int qlge_irq_request_test(struct qlge_adapter *adapter, struct qlge_set *set)
{
	unsigned int i;

	adapter->irq_seen = false;
	for (i = 0; i < set->cfg.channels; i++)
		set->channel[i]->irq_seen = false;
	return qlge_irq_hook(adapter, set, qlge_irq_test_misc,
			     adapter->nvec > 1 ? qlge_irq_test_channel :
						 qlge_irq_test_shared);
}

/**
 * qlge_irq_release - unhook what qlge_irq_request() hooked
 * @adapter: adapter
 * @set: the same set
 *
 * Context: process, RTNL. No handler runs when this returns.
 */
void qlge_irq_release(struct qlge_adapter *adapter, struct qlge_set *set)
{
	unsigned int i;

	for (i = 0; i < set->cfg.channels; i++)
		free_irq(qlge_channel_irq(set->channel[i]), set->channel[i]);
	if (adapter->nvec > 1)
		free_irq(pci_irq_vector(adapter->pdev, 0), adapter);
}

/**
 * qlge_irq_enable_all - let the device interrupt
 * @adapter: adapter
 * @set: its channels
 *
 * Context: process, RTNL.
 */
void qlge_irq_enable_all(struct qlge_adapter *adapter, struct qlge_set *set)
{
	unsigned int i;

	qlge_write_masked(adapter, INTR_EN, INTR_EN_EI, INTR_EN_EI);
	if (adapter->nvec > 1)
		qlge_write(adapter, INTR_EN, qlge_irq_enable_req(adapter, 0));
	for (i = 0; i < set->cfg.channels; i++)
		qlge_write(adapter, INTR_EN, set->channel[i]->irq_enable);
}

/**
 * qlge_irq_disable_all - no more interrupts
 * @adapter: adapter
 *
 * Context: process, RTNL. Handlers may still run until
 * qlge_irq_release().
 */
void qlge_irq_disable_all(struct qlge_adapter *adapter)
{
	qlge_write_masked(adapter, INTR_EN, INTR_EN_EI, 0);
	qlge_read(adapter, INTR_EN);	/* flush the posted write */
}
