/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers and what the files of the core need of each other. */
#ifndef QLGE_CORE_INT_H
#define QLGE_CORE_INT_H

#include <string.h>

#include "qlge_core.h"

#define R_PROC_ADDR		0x00
#define R_PROC_DATA		0x04
#define R_SYS			0x08
#define R_RST_FO		0x0c
#define  RST_FO_RR		0x0006
#define  RST_FO_RR_CQ_CAM	0x0000
#define  RST_FO_RR_DROP		0x0002
#define  RST_FO_RR_DQ		0x0004
#define  RST_FO_RR_RCV_FUNC	0x0006
#define  RST_FO_FR		0x8000
#define R_FSC			0x10
#define  FSC_SH			0x0800
#define  FSC_FE			0x8000
#define R_CSR			0x14
#define  CSR_RR			0x0100
#define  CSR_HRI		0x0200
#define  CSR_RP			0x0400
#define R_ICB_L			0x20
#define R_ICB_H			0x24
#define R_CFG			0x28
#define  CFG_LRQ		0x0001
#define  CFG_DRQ		0x0002
#define  CFG_LR			0x0004
#define  CFG_DR			0x0008
#define  CFG_LE			0x0020
#define  CFG_LCQ		0x0040
#define  CFG_DCQ		0x0080
#define  CFG_TRIGGERS		0x00cf
#define R_STS			0x30
#define  STS_FE			0x0001
#define  STS_PI			0x0002
#define  STS_PL(port)		(0x0004u << (port))
#define  STS_INIT(port)		(0x0010u << (port))
#define  STS_NFE		0x1000
#define R_INTR_EN		0x34
#define  INTR_EN_IHD		0x2000
#define  INTR_EN_EI		0x4000
#define  INTR_EN_EN		0x8000
#define R_INTR_MASK		0x38
#define  INTR_MASK_PI		0x0001
#define R_ISR1			0x3c
#define R_ISR2			0x40
#define R_ISR3			0x44
#define R_ISR4			0x48
#define R_REV_ID		0x4c
#define R_ERR_STS		0x54
#define  ERR_STS_MA		0x1000
#define R_ECC_ERR_CNT		0x60
#define R_SEM			0x64
#define R_GPIO_1		0x68
#define R_GPIO_2		0x6c
#define R_GPIO_3		0x70
#define R_XGMAC_ADDR		0x78
#define R_XGMAC_DATA		0x7c
#define R_NIC_ETS		0x80
#define R_CNA_ETS		0x84
#define R_FLASH_ADDR		0x88
#define R_FLASH_DATA		0x8c
#define R_CQ_STOP		0x90
#define R_MAC_ADDR_IDX		0xa8
#define R_MAC_ADDR_DATA		0xac
#define R_SPLT_HDR		0xc0
#define  SPLT_HDR_EP		0x80000000u
#define R_NIC_RCV_CFG		0xd4
#define  RCV_VLAN		0x0006
#define  RCV_VLAN_ALL		0x0000
#define  RCV_VLAN_MATCH		0x0002
#define  RCV_VLAN_MATCH_NON	0x0004
#define  RCV_RV			0x0008
#define  RCV_DFQ(v)		(((v) >> 8) & 0x7f)
#define R_MGMT_RCV_CFG		0xe0
#define  MGMT_RM			0x1000
#define R_RT_IDX		0xe4
#define R_RT_DATA		0xe8
#define R_XG_SERDES_ADDR	0xf0
#define R_XG_SERDES_DATA	0xf4
#define R_PRB_MX_ADDR		0xf8
#define R_PRB_MX_DATA		0xfc

#define WINDOW_RDY		0x80000000u
#define WINDOW_READ		0x40000000u

/* XGMAC window; a counter is named by the address of its low word */
#define X_GLOBAL_CFG		0x108
#define  GLOBAL_CFG_RESET	0x001
#define  GLOBAL_CFG_TX_STAT	0x400
#define  GLOBAL_CFG_RX_STAT	0x800
#define X_TX_CFG		0x10c
#define X_RX_CFG		0x110
#define  MAC_CFG_EN		0x002
#define X_MAC_TX_PARAMS		0x134
#define X_MAC_RX_PARAMS		0x138
#define X_STATS			0x200
#define X_TX_PKTS		0x200
#define X_TX_BYTES		0x208
#define X_TX_MCAST		0x210
#define X_TX_BCAST		0x218
#define X_TX_UCAST		0x220
#define X_TX_CTL		0x228
#define X_TX_PAUSE		0x230
#define X_TX_64			0x238
#define X_TX_OVERSIZE		0x278
#define X_STAT_CNT_CTL		0x2c0
#define X_RX_BYTES		0x300
#define X_RX_BYTES_OK		0x308
#define X_RX_PKTS		0x310
#define X_RX_PKTS_OK		0x318
#define X_RX_BCAST		0x320
#define X_RX_MCAST		0x328
#define X_RX_UCAST		0x330
#define X_RX_OVERSIZE		0x340
#define X_RX_CTL		0x380
#define X_RX_PAUSE		0x388
#define X_RX_64			0x390
#define X_TX_CBFC		0x500
#define X_RX_CBFC		0x568
#define X_RX_MGMT		0x5b0
#define X_RX_NIC_FIFO_DROP	0x5b8
#define X_RX_PKTS_PRIO		0x600
#define X_RX_OCTETS_PRIO	0x640
#define X_TX_PKTS_PRIO		0x680
#define X_TX_OCTETS_PRIO	0x6c0

#define OP_OB_MAC		0x01
#define OP_OB_TSO		0x02
#define OP_IB_MAC		0x20
#define OP_IB_AE		0x3f

#define AE_CAM_LOOKUP_ERR	0x06
#define AE_PCI_ERR_ANON_BUF_RD	0x40

#define AEN_SYS_ERR		0x8002
#define AEN_LINK_UP		0x8011
#define AEN_LINK_DOWN		0x8012
#define AEN_IDC_CMPLT		0x8100
#define AEN_IDC_REQ		0x8101
#define AEN_LOST		0x8120
#define AEN_FW_INIT_DONE	0x8400

#define CFG_LOOPBACK		0x07

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

static inline uint16_t get_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static inline uint64_t get_le64(const uint8_t *p)
{
	return get_le32(p) | (uint64_t)get_le32(p + 4) << 32;
}

static inline void put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
	put_le16(p, (uint16_t)v);
	put_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void put_le64(uint8_t *p, uint64_t v)
{
	put_le32(p, (uint32_t)v);
	put_le32(p + 4, (uint32_t)(v >> 32));
}

static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

/* The other function of the card, or NULL. */
static inline struct qlge_core *qlge_peer(const struct qlge_core *c)
{
	return c->chip->fn[!c->cfg.function];
}

/* core */
void qlge_log(struct qlge_core *c, const char *msg, uint64_t a, uint64_t b);
int qlge_dma_read(struct qlge_core *c, uint64_t addr, void *buf, size_t len);
int qlge_dma_write(struct qlge_core *c, uint64_t addr, const void *buf,
		   size_t len);
/* Stop the function with STS_FE until it is reset. */
void qlge_fatal(struct qlge_core *c, uint32_t why);
void qlge_irq_eval(struct qlge_core *c, unsigned int vector);
/* Have qlge_core_timer() called then, or earlier. */
void qlge_arm(struct qlge_core *c, uint64_t when);
/* Around the work of every entry point; false: not now. */
bool qlge_enter(struct qlge_core *c);
void qlge_leave(struct qlge_core *c);
bool qlge_cq_full(const struct qlge_cq *cq);
/* Write one 64-byte entry; the caller has checked for room. */
int qlge_cq_put(struct qlge_core *c, unsigned int id, const uint8_t *entry);
/* Make the entries visible: shadow index, then coalescing. */
void qlge_cq_publish(struct qlge_core *c, unsigned int id);
/* Reported when the running entry point ends. */
void qlge_chip_event(struct qlge_core *c, uint8_t event, uint8_t queue);
/* This function alone, while the chip goes on. */
void qlge_power_on(struct qlge_core *c);
/* Access by another way than BAR 1. */
uint32_t qlge_reg_get(struct qlge_core *c, uint32_t off);
void qlge_reg_set(struct qlge_core *c, uint32_t off, uint32_t val);

/* mpi: firmware, processor window, flash, MAC registers */
void qlge_mpi_power_on(struct qlge_core *c);
/* A frame that goes to the management processor; true if it takes it. */
bool qlge_mpi_frame(struct qlge_core *c, const uint8_t *frame, size_t len);
uint32_t qlge_probe_read(struct qlge_core *c);
uint32_t qlge_csr_read(struct qlge_core *c);
void qlge_csr_write(struct qlge_core *c, uint32_t val);
void qlge_proc_access(struct qlge_core *c, uint32_t addr);
void qlge_mpi_link(struct qlge_core *c);
/* Late completions; after a change of its health, what it left undone. */
void qlge_mpi_timer(struct qlge_core *c);
void qlge_mpi_resume(struct qlge_core *c);
void qlge_mpi_post(struct qlge_core *c, const uint32_t *word, unsigned int n);
uint32_t qlge_flash_word(struct qlge_core *c, uint32_t addr);
uint32_t qlge_xgmac_read(struct qlge_core *c, uint32_t addr);
void qlge_xgmac_write(struct qlge_core *c, uint32_t addr, uint32_t val);
void qlge_count(struct qlge_core *c, uint32_t addr, uint64_t n);
void qlge_mac_count(struct qlge_core *c, bool tx, const uint8_t *frame,
		    size_t len);

/* filter: address tables, routing, RSS */
void qlge_mac_idx_write(struct qlge_core *c, uint32_t val);
uint32_t qlge_mac_data_read(struct qlge_core *c);
void qlge_mac_data_write(struct qlge_core *c, uint32_t val);
void qlge_rt_data_write(struct qlge_core *c, uint32_t val);
uint32_t qlge_rt_data_read(struct qlge_core *c);
int qlge_rss_load(struct qlge_core *c, uint64_t addr);
void qlge_rss_tables(struct qlge_rss *r);
int qlge_rss_dump(struct qlge_core *c, uint64_t addr);
/* To which function does a frame go, and where there?  NULL: nowhere. */
struct qlge_core *qlge_classify(struct qlge_core *c, const uint8_t *frame,
				size_t len, struct qlge_rxinfo *info);
void qlge_cam_rescan(struct qlge_chip *chip);

/* rx */
void qlge_bq_load(struct qlge_bq *bq, uint64_t table, uint32_t size,
		  uint32_t len);
void qlge_bq_producer(struct qlge_core *c, struct qlge_bq *bq, uint32_t val);
/* A frame from the wire or from loopback; never calls back into TX. */
void qlge_rx_frame(struct qlge_core *c, const uint8_t *frame, size_t len,
		   bool may_deliver);
void qlge_rx_drain(struct qlge_core *c);
void qlge_rx_flush(struct qlge_core *c);

/* tx: true if there is more to do than one call may */
bool qlge_tx_work(struct qlge_core *c);
#define TX_HEADROOM		16	/* of txbuf, for the VLAN tag */
/* Lengths and offsets of a large send agree with each other. */
bool qlge_tso_valid(const struct qlge_tso *t);
uint32_t qlge_csum_add(const uint8_t *p, size_t len, uint32_t sum);
uint16_t qlge_csum_fold(uint32_t sum);

/* fault */
#define QLGE_MS			1000000ull

/* Returns the entry, or bad with what is to be written instead. */
const uint8_t *qlge_fault_entry(struct qlge_core *c, unsigned int id,
				const uint8_t *entry, uint8_t *bad);
uint32_t qlge_fault_index(struct qlge_core *c, unsigned int id, uint32_t prod);
/* Requests that may be taken now. */
uint32_t qlge_fault_tx(struct qlge_core *c);
void qlge_fault_timer(struct qlge_core *c);

#endif
