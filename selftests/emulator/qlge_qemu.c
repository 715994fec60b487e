// SPDX-License-Identifier: GPL-2.0-only
/* QEMU front of the device model: PCI, interrupts, timer, network backend. */
#include "qemu/osdep.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_aer.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "net/net.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "qom/object.h"

#include "qlge_core.h"
#include "qlge_qemu_compat.h"

#define TYPE_QLGE	"qlge"
OBJECT_DECLARE_SIMPLE_TYPE(QlgeState, QLGE)

#define BAR1_SIZE	0x4000
#define MSIX_TABLE	0x2000
#define MSIX_PBA	0x3000

struct QlgeState {
	PCIDevice pci;
	NICState *nic;
	NICConf conf;
	MemoryRegion bar1;
	MemoryRegion regs;
	MemoryRegion doorbells;
	QEMUTimer *timer;
	QEMUBH *bh;
	FILE *trace;
	char *trace_file;
	uint16_t device_id;
	uint16_t sub_device_id;
	uint16_t vectors;
	uint32_t fifo_frames;
	uint32_t fifo_bytes;
	bool msix;
	bool core_ready;
	uint8_t *state;			/* only while it is saved or loaded */
	uint32_t state_size;
	VMChangeStateEntry *running;
	struct qlge_core core;
};

/* Callbacks of the core */

static int dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	QlgeState *s = opaque;

	return pci_dma_read(&s->pci, addr, buf, len) == MEMTX_OK ? 0 : -1;
}

static int dma_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
	QlgeState *s = opaque;

	return pci_dma_write(&s->pci, addr, buf, len) == MEMTX_OK ? 0 : -1;
}

static enum qlge_irq_mode irq_mode(void *opaque)
{
	QlgeState *s = opaque;

	if (msix_enabled(&s->pci))
		return QLGE_IRQ_MSIX;
	return msi_enabled(&s->pci) ? QLGE_IRQ_MSI : QLGE_IRQ_INTX;
}

static void irq_message(void *opaque, unsigned int vector)
{
	QlgeState *s = opaque;

	if (s->trace)
		fprintf(s->trace, "irq %u\n", vector);
	if (msix_enabled(&s->pci))
		msix_notify(&s->pci, vector);
	else
		msi_notify(&s->pci, 0);
}

static void irq_line(void *opaque, bool level)
{
	QlgeState *s = opaque;

	pci_set_irq(&s->pci, level);
}

static void send_frame(void *opaque, const uint8_t *frame, size_t len)
{
	QlgeState *s = opaque;

	qemu_send_packet(qemu_get_queue(s->nic), frame, len);
}

static uint64_t now(void *opaque)
{
	return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void arm_timer(void *opaque, uint64_t when)
{
	QlgeState *s = opaque;

	timer_mod(s->timer, when);
}

static void schedule(void *opaque)
{
	QlgeState *s = opaque;

	qemu_bh_schedule(s->bh);
}

static void log_message(void *opaque, const char *msg, uint64_t a, uint64_t b)
{
	QlgeState *s = opaque;

	qemu_log_mask(LOG_GUEST_ERROR, "qlge: %s: 0x%" PRIx64 " 0x%" PRIx64
		      "\n", msg, a, b);
	if (s->trace)
		fprintf(s->trace, "log %s: %" PRIx64 " %" PRIx64 "\n", msg, a,
			b);
}

static const struct qlge_ops core_ops = {
	.dma_read = dma_read,
	.dma_write = dma_write,
	.irq_mode = irq_mode,
	.irq_message = irq_message,
	.irq_line = irq_line,
	.send_frame = send_frame,
	.now = now,
	.arm_timer = arm_timer,
	.schedule = schedule,
	.log = log_message,
};

static void on_timer(void *opaque)
{
	QlgeState *s = opaque;

	qlge_core_timer(&s->core);
}

static void run(void *opaque)
{
	QlgeState *s = opaque;

	/* Memory and state are saved at different moments. */
	if (runstate_is_running())
		qlge_core_run(&s->core);
}

static void run_state(void *opaque, bool running, RunState state)
{
	QlgeState *s = opaque;

	if (running && s->core.scheduled)
		qemu_bh_schedule(s->bh);
}

/* BARs */

/* The table of vectors is in the BAR, but not in the core. */
static void show_vectors(QlgeState *s)
{
	if (msix_present(&s->pci))
		memory_region_set_enabled(&s->pci.msix_table_mmio,
					  !s->core.fault.gone);
}

static uint64_t regs_read(void *opaque, hwaddr addr, unsigned int size)
{
	QlgeState *s = opaque;
	bool there = !s->core.fault.gone;
	uint32_t val = qlge_core_reg_read(&s->core, addr);

	/* That may have been one too many. */
	if (there && s->core.fault.gone)
		show_vectors(s);
	if (s->trace)
		fprintf(s->trace, "R %02x -> %08x\n", (unsigned int)addr, val);
	return val;
}

static void regs_write(void *opaque, hwaddr addr, uint64_t val,
		       unsigned int size)
{
	QlgeState *s = opaque;

	if (s->trace)
		fprintf(s->trace, "W %02x = %08x\n", (unsigned int)addr,
			(uint32_t)val);
	qlge_core_reg_write(&s->core, addr, val);
}

static uint64_t doorbells_read(void *opaque, hwaddr addr, unsigned int size)
{
	QlgeState *s = opaque;

	return qlge_core_doorbell_read(&s->core, addr);
}

static void doorbells_write(void *opaque, hwaddr addr, uint64_t val,
			    unsigned int size)
{
	QlgeState *s = opaque;

	if (s->trace)
		fprintf(s->trace, "doorbell page %u: W %02x = %08x\n",
			(unsigned int)(addr >> 12),
			(unsigned int)(addr & 0xfff), (uint32_t)val);
	qlge_core_doorbell_write(&s->core, addr, val);
}

static const MemoryRegionOps regs_ops = {
	.read = regs_read,
	.write = regs_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = { .min_access_size = 4, .max_access_size = 4 },
	.impl = { .min_access_size = 4, .max_access_size = 4 },
};

static const MemoryRegionOps doorbells_ops = {
	.read = doorbells_read,
	.write = doorbells_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = { .min_access_size = 4, .max_access_size = 4 },
	.impl = { .min_access_size = 4, .max_access_size = 4 },
};

/* The rest of BAR 1; under the table of vectors when the card is gone. */
static uint64_t hole_read(void *opaque, hwaddr addr, unsigned int size)
{
	QlgeState *s = opaque;

	return s->core.fault.gone ? UINT64_MAX : 0;
}

static void hole_write(void *opaque, hwaddr addr, uint64_t val,
		       unsigned int size)
{
}

static const MemoryRegionOps hole_ops = {
	.read = hole_read,
	.write = hole_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
};

/* Network */

static ssize_t receive(NetClientState *nc, const uint8_t *buf, size_t size)
{
	QlgeState *s = qemu_get_nic_opaque(nc);

	if (!s->core_ready)
		return size;
	qlge_core_receive(&s->core, buf, size);
	return size;
}

static void link_status(NetClientState *nc)
{
	QlgeState *s = qemu_get_nic_opaque(nc);

	if (s->core_ready)
		qlge_core_link_set(&s->core, !nc->link_down);
}

static NetClientInfo net_info = {
	.type = NET_CLIENT_DRIVER_NIC,
	.size = sizeof(NICState),
	.receive = receive,
	.link_status_changed = link_status,
};

/* Run-time properties */

static bool get_fault_fe(Object *obj, Error **errp)
{
	/* The bit of the device: a reset by the driver clears it. */
	return QLGE(obj)->core.sts & 1;
}

static void set_fault_fe(Object *obj, bool on, Error **errp)
{
	QlgeState *s = QLGE(obj);

	if (s->core_ready)
		qlge_core_fault_fe(&s->core, on);
}

static bool get_rx_hold(Object *obj, Error **errp)
{
	return QLGE(obj)->core.fault.rx_hold;
}

static void set_rx_hold(Object *obj, bool on, Error **errp)
{
	QlgeState *s = QLGE(obj);

	if (s->core_ready)
		qlge_core_fault_rx_hold(&s->core, on);
}

static bool get_bad_flash(Object *obj, Error **errp)
{
	return QLGE(obj)->core.fault.flash;
}

static void set_bad_flash(Object *obj, bool on, Error **errp)
{
	QLGE(obj)->core.fault.flash = on;
}

static bool get_tx_hold(Object *obj, Error **errp)
{
	return QLGE(obj)->core.fault.tx_hold;
}

static void set_tx_hold(Object *obj, bool on, Error **errp)
{
	QlgeState *s = QLGE(obj);

	if (s->core_ready)
		qlge_core_fault_tx_hold(&s->core, on);
}

static bool get_gone(Object *obj, Error **errp)
{
	return QLGE(obj)->core.fault.gone;
}

static void set_gone(Object *obj, bool on, Error **errp)
{
	QlgeState *s = QLGE(obj);

	if (!s->core_ready)
		return;
	qlge_core_fault_gone(&s->core, on);
	show_vectors(s);
}

enum {
	FAULT_MPI, FAULT_GONE_AFTER, FAULT_IRQ_LOST, FAULT_TX_RATE, FAULT_FLAP, FAULT_SEM,
	IDC_DELAY,
	/* from here on they are only shown */
	IDC_ACKS, LED, LINK_CONFIG, WOL_MODE, WOL_WAKES, TRAFFIC_STOPPED,
};

/* Of a fault: the mode, or what is left to happen. */
static const char * const numbers[] = {
	[FAULT_MPI] = "fault-mpi",
	[FAULT_GONE_AFTER] = "fault-gone-after",
	[FAULT_IRQ_LOST] = "fault-irq-lost",
	[FAULT_TX_RATE] = "fault-tx-rate",
	[FAULT_FLAP] = "fault-flap",
	[FAULT_SEM] = "fault-sem",
	[IDC_DELAY] = "idc-delay",
	[IDC_ACKS] = "idc-acks",
	[LED] = "led",
	[LINK_CONFIG] = "link-config",
	[WOL_MODE] = "wol-mode",
	[WOL_WAKES] = "wol-wakes",
	[TRAFFIC_STOPPED] = "traffic-stopped",
};

static uint32_t number(const struct qlge_core *c, ptrdiff_t which)
{
	switch (which) {
	case FAULT_MPI:
		return c->chip->fault;
	case FAULT_GONE_AFTER:
		return c->fault.gone_after;
	case FAULT_IRQ_LOST:
		return c->fault.irq_lost;
	case FAULT_TX_RATE:
		return c->fault.tx_rate;
	case FAULT_FLAP:
		return (c->fault.flap + 1) / 2;
	case FAULT_SEM:
		return c->chip->sem_elsewhere;
	case IDC_DELAY:
		return c->mpi.idc_delay;
	case IDC_ACKS:
		return c->mpi.idc_acks;
	case LED:
		return c->mpi.led;
	case LINK_CONFIG:
		return c->mpi.link_cfg;
	case WOL_MODE:
		return c->mpi.wol_mode;
	case WOL_WAKES:
		return c->mpi.wol_wakes;
	case TRAFFIC_STOPPED:
		return c->mpi.traffic_stopped;
	}
	return 0;
}

static void get_number(Object *obj, Visitor *v, const char *name, void *opaque,
		       Error **errp)
{
	QlgeState *s = QLGE(obj);
	uint32_t val = 0;

	if (s->core_ready)
		val = number(&s->core, (const char * const *)opaque - numbers);
	visit_type_uint32(v, name, &val, errp);
}

static void set_number(Object *obj, Visitor *v, const char *name, void *opaque,
		       Error **errp)
{
	QlgeState *s = QLGE(obj);
	uint32_t val;

	if (!visit_type_uint32(v, name, &val, errp) || !s->core_ready)
		return;
	switch ((const char * const *)opaque - numbers) {
	case FAULT_MPI:
		if (qlge_core_fault_mpi(&s->core, val))
			error_setg(errp, "0 healthy, 1 silent, 2 dead, 3 late, if there is a card");
		break;
	case FAULT_GONE_AFTER:
		s->core.fault.gone_after = val;
		break;
	case FAULT_IRQ_LOST:
		s->core.fault.irq_lost = val;
		break;
	case FAULT_TX_RATE:
		qlge_core_fault_tx_rate(&s->core, val);
		break;
	case FAULT_FLAP:
		if (qlge_core_fault_flap(&s->core, val))
			error_setg(errp, "no link, or more than 1000000 times");
		break;
	case FAULT_SEM:
		qlge_core_fault_sem(&s->core, val);
		break;
	case IDC_DELAY:
		s->core.mpi.idc_delay = val;
		break;
	}
}

static void set_event(Object *obj, Visitor *v, const char *name, void *opaque,
		      Error **errp)
{
	QlgeState *s = QLGE(obj);
	uint8_t code;

	if (!visit_type_uint8(v, name, &code, errp) || !s->core_ready)
		return;
	if (qlge_core_fault_event(&s->core, code))
		error_setg(errp, "completion queue 0 has no room for an event");
}

static void set_aen(Object *obj, const char *words, Error **errp)
{
	QlgeState *s = QLGE(obj);

	if (s->core_ready && qlge_core_fault_aen(&s->core, words))
		error_setg(errp, "1 to 16 hexadecimal words, of a card that is there");
}

static void set_cqe(Object *obj, const char *what, Error **errp)
{
	QlgeState *s = QLGE(obj);

	if (s->core_ready && qlge_core_fault_cqe(&s->core, what))
		error_setg(errp, "len, opcode, queue, tid, flags or cq-index, then [=HEX][@CQ]");
}

static char *get_idc_ack(Object *obj, Error **errp)
{
	const uint32_t *w = QLGE(obj)->core.mpi.idc_ack;

	return g_strdup_printf("%x %x %x %x", w[0], w[1], w[2], w[3]);
}

static char *get_wol_magic(Object *obj, Error **errp)
{
	const uint8_t *m = QLGE(obj)->core.mpi.wol_magic;

	return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1],
			       m[2], m[3], m[4], m[5]);
}

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	{ "reg-reads", offsetof(struct qlge_counts, reg_reads) },
	{ "reg-writes", offsetof(struct qlge_counts, reg_writes) },
	{ "doorbell-reads", offsetof(struct qlge_counts, db_reads) },
	{ "doorbell-writes", offsetof(struct qlge_counts, db_writes) },
	{ "dma-reads", offsetof(struct qlge_counts, dma_reads) },
	{ "dma-writes", offsetof(struct qlge_counts, dma_writes) },
	{ "dma-errors", offsetof(struct qlge_counts, dma_errors) },
	{ "rx-frames", offsetof(struct qlge_counts, rx_frames) },
	{ "rx-filtered", offsetof(struct qlge_counts, rx_filtered) },
	{ "tx-frames", offsetof(struct qlge_counts, tx_frames) },
	{ "fifo-drops", offsetof(struct qlge_counts, fifo_drops) },
	{ "interrupts", offsetof(struct qlge_counts, interrupts) },
	{ "refused", offsetof(struct qlge_counts, refused) },
	{ "unowned", offsetof(struct qlge_counts, unowned) },
};

static void instance_init(Object *obj)
{
	QlgeState *s = QLGE(obj);
	uint64_t *value;
	size_t i;

	/* Decides the size of configuration space, before realize. */
	PCI_DEVICE(obj)->cap_present |= QEMU_PCI_CAP_EXPRESS;
	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		value = (void *)((char *)&s->core.counts + counters[i].offset);
		object_property_add_uint64_ptr(obj, counters[i].name, value,
					       OBJ_PROP_FLAG_READ);
	}
	object_property_add_bool(obj, "fault-fe", get_fault_fe, set_fault_fe);
	object_property_add_bool(obj, "fault-rx-hold", get_rx_hold,
				 set_rx_hold);
	object_property_add_bool(obj, "fault-flash", get_bad_flash,
				 set_bad_flash);
	object_property_add_bool(obj, "fault-tx-hold", get_tx_hold,
				 set_tx_hold);
	object_property_add_bool(obj, "fault-gone", get_gone, set_gone);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		object_property_add(obj, numbers[i], "uint32", get_number,
				    i <= IDC_DELAY ? set_number : NULL, NULL,
				    (void *)&numbers[i]);
	object_property_add_str(obj, "idc-ack", get_idc_ack, NULL);
	object_property_add_str(obj, "wol-magic", get_wol_magic, NULL);
	object_property_add(obj, "fault-event", "uint8", NULL, set_event, NULL,
			    NULL);
	object_property_add_str(obj, "fault-aen", NULL, set_aen);
	object_property_add_str(obj, "fault-cqe", NULL, set_cqe);
}

/* PCI */

static uint32_t config_read(PCIDevice *pci, uint32_t addr, int len)
{
	if (QLGE(pci)->core.fault.gone)
		return UINT32_MAX >> (32 - 8 * len);
	return pci_default_read_config(pci, addr, len);
}

static void config_write(PCIDevice *pci, uint32_t addr, uint32_t val, int len)
{
	QlgeState *s = QLGE(pci);

	if (s->core.fault.gone)
		return;
	pci_default_write_config(pci, addr, val, len);
	/* The interrupt mode may be another one now. */
	if (s->core_ready)
		qlge_core_irq_update(&s->core);
}

static bool add_capabilities(QlgeState *s, Error **errp)
{
	PCIDevice *pci = &s->pci;
	int pos;

	pos = pci_add_capability(pci, PCI_CAP_ID_PM, 0x40, PCI_PM_SIZEOF, errp);
	if (pos < 0)
		return false;
	pci_set_word(pci->config + pos + PCI_PM_PMC, 3);
	pci_set_word(pci->wmask + pos + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
	if (msi_init(pci, 0x50, 1, true, false, errp))
		return false;
	if (!s->msix)
		goto express;
	if (msix_init(pci, s->vectors, &s->bar1, 1, MSIX_TABLE, &s->bar1, 1,
		      MSIX_PBA, 0x70, errp))
		return false;
	for (pos = 0; pos < s->vectors; pos++)
		msix_vector_use(pci, pos);
express:
	if (!pci_bus_is_express(pci_get_bus(pci)))
		return true;
	pos = pcie_endpoint_cap_init(pci, 0x80);
	if (pos < 0) {
		error_setg(errp, "cannot add the PCI Express capability");
		return false;
	}
	/* Without it no error could be enabled, and none would be sent. */
	pcie_cap_deverr_init(pci);
	return pcie_aer_init(pci, PCI_ERR_VER, 0x100, PCI_ERR_SIZEOF,
			     errp) >= 0;
}

/* Two functions in one slot are one card, whichever came first. */
static bool join_card(QlgeState *s, Error **errp)
{
	PCIDevice *pci = &s->pci, *other;

	other = pci_get_bus(pci)->devices[pci->devfn ^ 1];
	if (!other || !object_dynamic_cast(OBJECT(other), TYPE_QLGE) ||
	    !QLGE(other)->core_ready)
		return true;
	if (!qlge_core_pair(&s->core, &QLGE(other)->core))
		return true;
	error_setg(errp, "the other function of this card is a device of another kind");
	return false;
}

static void realize(PCIDevice *pci, Error **errp)
{
	QlgeState *s = QLGE(pci);
	struct qlge_config cfg = {
		.device_id = s->device_id,
		.function = PCI_FUNC(pci->devfn),
		.vectors = s->vectors,
		.fifo_frames = s->fifo_frames,
		.fifo_bytes = s->fifo_bytes,
	};

	if (s->device_id != 0x8000 && s->device_id != 0x8012) {
		error_setg(errp, "device-id must be 0x8000 or 0x8012");
		return;
	}
	if (s->trace_file) {
		s->trace = fopen(s->trace_file, "w");
		if (!s->trace) {
			error_setg_file_open(errp, errno, s->trace_file);
			return;
		}
		setvbuf(s->trace, NULL, _IOLBF, 0);
	}
	qemu_macaddr_default_if_unset(&s->conf.macaddr);
	memcpy(cfg.mac, s->conf.macaddr.a, sizeof(cfg.mac));
	if (qlge_core_init(&s->core, &cfg, &core_ops, s)) {
		error_setg(errp, "function 0..1, vectors 1..128, fifo-frames 1..65536");
		return;
	}

	if (!join_card(s, errp)) {
		qlge_core_exit(&s->core);
		return;
	}

	pci_config_set_device_id(pci->config, s->device_id);
	pci_set_word(pci->config + PCI_SUBSYSTEM_ID, s->sub_device_id);
	pci_config_set_interrupt_pin(pci->config, 1);
	memory_region_init_io(&s->bar1, OBJECT(s), &hole_ops, s, "qlge-bar1",
			      BAR1_SIZE);
	memory_region_init_io(&s->regs, OBJECT(s), &regs_ops, s, "qlge-regs",
			      QLGE_REG_SIZE);
	memory_region_add_subregion(&s->bar1, 0, &s->regs);
	memory_region_init_io(&s->doorbells, OBJECT(s), &doorbells_ops, s,
			      "qlge-doorbells", QLGE_DB_SIZE);
	pci_register_bar(pci, 1, PCI_BASE_ADDRESS_MEM_TYPE_64, &s->bar1);
	pci_register_bar(pci, 3, PCI_BASE_ADDRESS_MEM_TYPE_64, &s->doorbells);
	if (!add_capabilities(s, errp)) {
		qlge_core_exit(&s->core);
		return;
	}

	s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, on_timer, s);
	s->bh = qemu_bh_new_guarded(run, s, &DEVICE(s)->mem_reentrancy_guard);
	s->running = qemu_add_vm_change_state_handler(run_state, s);
	s->nic = qemu_new_nic(&net_info, &s->conf,
			      object_get_typename(OBJECT(s)), DEVICE(s)->id,
			      &DEVICE(s)->mem_reentrancy_guard, s);
	qemu_format_nic_info_str(qemu_get_queue(s->nic), s->conf.macaddr.a);
	s->core_ready = true;
	qlge_core_link_set(&s->core, !qemu_get_queue(s->nic)->link_down);
}

static void uninit(PCIDevice *pci)
{
	QlgeState *s = QLGE(pci);

	s->core_ready = false;
	qemu_del_nic(s->nic);
	qemu_del_vm_change_state_handler(s->running);
	g_free(s->state);
	timer_free(s->timer);
	qemu_bh_delete(s->bh);
	if (pci_bus_is_express(pci_get_bus(pci))) {
		pcie_aer_exit(pci);
		pcie_cap_exit(pci);
	}
	msix_uninit(pci, &s->bar1, &s->bar1);
	msi_uninit(pci);
	qlge_core_exit(&s->core);
	if (s->trace)
		fclose(s->trace);
}

static void reset(DeviceState *dev)
{
	QlgeState *s = QLGE(dev);

	if (s->core_ready)
		qlge_core_reset(&s->core);
}

static QLGE_PROPERTY_CONST Property properties[] = {
	DEFINE_NIC_PROPERTIES(QlgeState, conf),
	DEFINE_PROP_UINT16("device-id", QlgeState, device_id, 0x8000),
	/* 0x0068 and 0x0180 are the blade cards, which can wake the host */
	DEFINE_PROP_UINT16("sub-device-id", QlgeState, sub_device_id, 0x0001),
	DEFINE_PROP_UINT16("vectors", QlgeState, vectors, 32),
	DEFINE_PROP_BOOL("msix", QlgeState, msix, true),
	DEFINE_PROP_UINT32("fifo-frames", QlgeState, fifo_frames, 256),
	DEFINE_PROP_UINT32("fifo-bytes", QlgeState, fifo_bytes, 512 * 1024),
	DEFINE_PROP_STRING("trace", QlgeState, trace_file),
	QLGE_PROPERTIES_END
};

/* The core has its own format, with a version and checks. */
static int pre_save(void *opaque)
{
	QlgeState *s = opaque;

	g_free(s->state);
	s->state_size = qlge_core_save(&s->core, NULL, 0);
	s->state = g_malloc(s->state_size);
	return qlge_core_save(&s->core, s->state, s->state_size) ? 0 : -EINVAL;
}

static int post_save(void *opaque)
{
	QlgeState *s = opaque;

	g_free(s->state);
	s->state = NULL;
	return 0;
}

/* Asked before that many bytes are allocated. */
static bool state_size_ok(void *opaque, int version_id)
{
	QlgeState *s = opaque;

	return s->state_size && s->state_size <= qlge_core_state_max(&s->core);
}

static int post_load(void *opaque, int version_id)
{
	QlgeState *s = opaque;
	int rc = qlge_core_load(&s->core, s->state, s->state_size);

	post_save(s);
	if (rc) {
		error_report("qlge: the state does not fit this device");
		return -EINVAL;
	}
	/* The guest's cable stays as it was. */
	qemu_get_queue(s->nic)->link_down = !s->core.plug;
	show_vectors(s);
	return 0;
}

static bool is_express(void *opaque, int version_id)
{
	return pci_bus_is_express(pci_get_bus(PCI_DEVICE(opaque)));
}

static const VMStateDescription vmstate = {
	.name = TYPE_QLGE,
	.version_id = 1,
	.minimum_version_id = 1,
	.pre_save = pre_save,
	.post_save = post_save,
	.post_load = post_load,
	.fields = (const VMStateField[]) {
		VMSTATE_PCI_DEVICE(pci, QlgeState),
		VMSTATE_MSIX(pci, QlgeState),
		VMSTATE_STRUCT_TEST(pci.exp.aer_log, QlgeState, is_express, 0,
				    vmstate_pcie_aer_log, PCIEAERLog),
		VMSTATE_UINT32(state_size, QlgeState),
		VMSTATE_VALIDATE("size of the state", state_size_ok),
		VMSTATE_VBUFFER_ALLOC_UINT32(state, QlgeState, 1, NULL,
					     state_size),
		VMSTATE_END_OF_LIST()
	},
};

static void class_init(ObjectClass *klass, QLGE_CLASS_CONST void *data)
{
	PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
	DeviceClass *dc = DEVICE_CLASS(klass);

	k->realize = realize;
	k->config_read = config_read;
	k->config_write = config_write;
	k->exit = uninit;
	k->vendor_id = 0x1077;
	k->device_id = 0x8000;
	k->subsystem_vendor_id = 0x1077;
	k->subsystem_id = 0x0001;
	k->revision = 0x02;
	k->class_id = PCI_CLASS_NETWORK_ETHERNET;
	device_class_set_legacy_reset(dc, reset);
	dc->vmsd = &vmstate;
	dc->desc = "QLogic ISP8xxx 10 GbE controller";
	device_class_set_props(dc, properties);
	set_bit(DEVICE_CATEGORY_NETWORK, dc->categories);
}

static const TypeInfo info = {
	.name = TYPE_QLGE,
	.parent = TYPE_PCI_DEVICE,
	.instance_size = sizeof(QlgeState),
	.instance_init = instance_init,
	.class_init = class_init,
	.interfaces = (QLGE_CLASS_CONST InterfaceInfo[]) {
		{ INTERFACE_PCIE_DEVICE },
		{ INTERFACE_CONVENTIONAL_PCI_DEVICE },
		{ }
	},
};

static void register_types(void)
{
	type_register_static(&info);
}

type_init(register_types)
