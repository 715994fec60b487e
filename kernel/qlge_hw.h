/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QLogic ISP8xxx registers, doorbells, control blocks and ring entries.
 *
 * Layouts and values: Documentation/hardware/.  Nothing here is software
 * state; every structure is little-endian as the device sees it.
 */
#ifndef _QLGE_HW_H_
#define _QLGE_HW_H_

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

#define QLGE_VENDOR_ID			0x1077
#define QLGE_DEVICE_ID_8012		0x8012
#define QLGE_DEVICE_ID_8000		0x8000

#define QLGE_BAR_REGS			1
#define QLGE_BAR_DOORBELLS		3
#define QLGE_REGS_SIZE			0x100
#define QLGE_DOORBELL_SIZE		0x100000

/* Limits of the card (Documentation/hardware/index.rst). */
#define QLGE_HW_MAX_WQ			128
#define QLGE_HW_MAX_CQ			128
#define QLGE_HW_MAX_FRAME		0x2580
#define QLGE_HW_MAX_MULTICAST		32
#define QLGE_HW_CAM_PER_FUNC		128
/* The device ignores the low four bits of a buffer queue producer index. */
#define QLGE_BQ_STEP			16
#define QLGE_BQ_PAGE_SIZE		4096
#define QLGE_BQ_PAGE_ENTRIES		(QLGE_BQ_PAGE_SIZE / 8)

/* Control registers, BAR 1. */
#define PROC_ADDR			0x00
#define  PROC_ADDR_RDY			BIT(31)
#define  PROC_ADDR_R			BIT(30)
#define  PROC_ADDR_ERR			BIT(29)
#define PROC_DATA			0x04
#define SYS				0x08
#define  SYS_EFE			BIT(0)
#define  SYS_FAE			BIT(1)
#define RST_FO				0x0c
#define  RST_FO_RR_MASK			GENMASK(2, 1)
#define  RST_FO_RR_RCV_FUNC_CQ		0x6
#define  RST_FO_FR			BIT(15)
#define FSC				0x10
#define  FSC_DBRST_MASK			GENMASK(2, 0)
#define  FSC_DBRST_1024			3
#define  FSC_DBL_MASK			GENMASK(4, 3)
#define  FSC_EC				BIT(5)
#define  FSC_EPC_INBOUND		BIT(6)
#define  FSC_EPC_OUTBOUND		BIT(7)
#define  FSC_VM_PAGESIZE_MASK		GENMASK(10, 8)
#define  FSC_VM_PAGE_4K			2
#define  FSC_FE				BIT(15)
#define CSR				0x14
#define  CSR_RR				BIT(8)
#define  CSR_HRI			BIT(9)
#define  CSR_RP				BIT(10)
#define  CSR_CMD_SET_H2R_INT		0x50000000
#define  CSR_CMD_CLR_R2PCI_INT		0xa0000000
#define ICB_L				0x20
#define ICB_H				0x24
#define CFG				0x28
#define  CFG_LRQ			BIT(0)
#define  CFG_LR				BIT(2)
#define  CFG_LE				BIT(5)
#define  CFG_LCQ			BIT(6)
#define  CFG_Q_MASK			GENMASK(14, 8)
#define STS				0x30
#define  STS_FE				BIT(0)
#define  STS_PI				BIT(1)
#define  STS_PL(port)			BIT(2 + (port))
#define  STS_PORT_INIT(port)		BIT(4 + (port))
#define  STS_FUNC_ID_MASK		GENMASK(7, 6)
#define  STS_NFE			BIT(12)
#define INTR_EN				0x34
#define  INTR_EN_INTR_MASK		GENMASK(6, 0)
#define  INTR_EN_TYPE_MASK		GENMASK(9, 8)
#define  INTR_EN_TYPE_ENABLE		0x100
#define  INTR_EN_TYPE_DISABLE		0x200
#define  INTR_EN_IHD			BIT(13)
#define  INTR_EN_EI			BIT(14)
#define INTR_MASK			0x38
#define  INTR_MASK_PI			BIT(0)
#define ISR1				0x3c
#define REV_ID				0x4c
#define ERR_STS				0x54
#define SEM				0x64
#define XGMAC_ADDR			0x78
#define  XGMAC_ADDR_RDY			BIT(31)
#define  XGMAC_ADDR_R			BIT(30)
#define  XGMAC_ADDR_XME			BIT(29)
#define XGMAC_DATA			0x7c
#define FLASH_ADDR			0x88
#define  FLASH_ADDR_RDY			BIT(31)
#define  FLASH_ADDR_R			BIT(30)
#define  FLASH_ADDR_ERR			BIT(29)
#define FLASH_DATA			0x8c
#define MAC_ADDR_IDX			0xa8
#define  MAC_ADDR_IDX_SHIFT		4
#define  MAC_ADDR_TYPE_CAM_MAC		0x00000
#define  MAC_ADDR_TYPE_MULTI_MAC	0x10000
#define  MAC_ADDR_TYPE_VLAN		0x20000
#define  MAC_ADDR_E			BIT(27)
#define  MAC_ADDR_MW			BIT(31)
#define MAC_ADDR_DATA			0xac
#define SPLT_HDR			0xc0
#define NIC_RCV_CFG			0xd4
#define  NIC_RCV_CFG_VLAN_MASK		GENMASK(2, 1)
#define  NIC_RCV_CFG_VLAN_ALL		0x0
#define  NIC_RCV_CFG_VLAN_MATCH_AND_NON	0x4
#define  NIC_RCV_CFG_RV			BIT(3)
#define  NIC_RCV_CFG_DFQ_MASK		GENMASK(14, 8)
#define MGMT_RCV_CFG			0xe0
#define  MGMT_RCV_CFG_RM		BIT(12)
#define RT_IDX				0xe4
#define  RT_IDX_IDX_SHIFT		8
#define  RT_IDX_TYPE_NICQ		0x20000
#define  RT_IDX_DST_RSS			0x000000
#define  RT_IDX_DST_CAM_Q		0x100000
#define  RT_IDX_DST_DFLT_Q		0x300000
#define  RT_IDX_E			BIT(27)
#define  RT_IDX_MW			BIT(31)
#define RT_DATA				0xe8
#define  RT_IDX_BCAST			BIT(0)
#define  RT_IDX_MCAST			BIT(1)
#define  RT_IDX_MCAST_MATCH		BIT(2)
#define  RT_IDX_CAM_HIT			BIT(7)
#define  RT_IDX_VALID			BIT(23)
#define  RT_IDX_TU_CSUM_ERR		BIT(24)
#define  RT_IDX_IP_CSUM_ERR		BIT(25)
#define  RT_IDX_RSS_MATCH		BIT(31)

/* Routing slots: a software convention that both known drivers follow. */
enum qlge_rt_slot {
	RT_IDX_IP_CSUM_ERR_SLOT		= 1,
	RT_IDX_TCP_UDP_CSUM_ERR_SLOT	= 2,
	RT_IDX_BCAST_SLOT		= 3,
	RT_IDX_MCAST_MATCH_SLOT		= 4,
	RT_IDX_ALLMULTI_SLOT		= 5,
	RT_IDX_RSS_MATCH_SLOT		= 8,
	RT_IDX_CAM_HIT_SLOT		= 12,
	RT_IDX_PROMISCUOUS_SLOT		= 15,
	RT_IDX_MAX_NIC_SLOTS		= 16,
};

/* Hardware semaphores: shift of the two-bit field in SEM. */
enum qlge_sem {
	SEM_XGMAC0	= 0,
	SEM_XGMAC1	= 2,
	SEM_ICB		= 4,
	SEM_MAC_ADDR	= 6,
	SEM_FLASH	= 8,
	SEM_RT_IDX	= 12,
	SEM_PROC_REG	= 14,
};

/* CAM output word. */
#define CAM_OUT_ROUTE_NIC		1
#define CAM_OUT_FUNC_SHIFT		2
#define CAM_OUT_RV			BIT(4)

/* Processor window addresses. */
#define MPI_TEST_FUNC_PORT_CFG		0x1002
#define  MPI_TEST_NIC1_FUNCTION_MASK	GENMASK(3, 1)
#define  MPI_TEST_NIC2_FUNCTION_MASK	GENMASK(7, 5)
#define MPI_SOFT_RESET			0x1010
#define PROC_ADDR_FUNC0_MBI		0x1180
#define PROC_ADDR_FUNC0_MBO		0x1190
#define PROC_ADDR_FUNC2_MBI		0x1280
#define PROC_ADDR_FUNC2_MBO		0x1290

/* Firmware mailbox. */
#define MAILBOX_COUNT			16
#define MB_CMD_ABOUT_FW			0x0008
#define MB_CMD_GET_FW_STATE		0x0069
#define MB_CMD_IDC_ACK			0x0101
#define MB_CMD_SET_PORT_CFG		0x0122
#define MB_CMD_GET_PORT_CFG		0x0123
#define  CFG_JUMBO_FRAME_SIZE		0x00010000
#define  CFG_DEFAULT_MAX_FRAME_SIZE	QLGE_HW_MAX_FRAME
#define MB_CMD_GET_LINK_STS		0x0124
#define MB_CMD_SET_MGMNT_TFK_CTL	0x0160
#define  MB_SET_MPI_TFK_STOP		BIT(0)
#define  MB_SET_MPI_TFK_RESUME		BIT(1)
#define MB_CMD_GET_MGMNT_TFK_CTL	0x0161
#define  MB_GET_MPI_TFK_FIFO_EMPTY	BIT(1)
#define MB_CMD_STS_GOOD			0x4000
#define MB_CMD_STS_INTRMDT		0x1000
#define AEN_SYS_ERR			0x8002
#define AEN_LINK_UP			0x8011
#define AEN_LINK_DOWN			0x8012
#define AEN_IDC_CMPLT			0x8100
#define AEN_IDC_REQ			0x8101
#define AEN_IDC_EXT			0x8102
#define AEN_DCBX_CHG			0x8110
#define AEN_AEN_LOST			0x8120
#define AEN_AEN_SFP_IN			0x8130
#define AEN_AEN_SFP_OUT			0x8131
#define AEN_FW_INIT_DONE		0x8400
#define AEN_FW_INIT_FAIL		0x8401
#define STS_LINK_TYPE_MASK		GENMASK(2, 0)
#define  STS_LINK_TYPE_10GBASET		5

/* XGMAC window. */
#define XGMAC_GLOBAL_CFG		0x108
#define  GLOBAL_CFG_RESET		BIT(0)
#define  GLOBAL_CFG_JUMBO		BIT(6)
#define  GLOBAL_CFG_TX_STAT_EN		BIT(10)
#define  GLOBAL_CFG_RX_STAT_EN		BIT(11)
#define XGMAC_TX_CFG			0x10c
#define  TX_CFG_RESET			BIT(0)
#define  TX_CFG_EN			BIT(1)
#define XGMAC_RX_CFG			0x110
#define  RX_CFG_RESET			BIT(0)
#define  RX_CFG_EN			BIT(1)
#define XGMAC_MAC_TX_PARAMS		0x134
#define  MAC_TX_PARAMS_JUMBO		BIT(31)
#define  MAC_TX_PARAMS_SIZE_SHIFT	16
#define XGMAC_MAC_RX_PARAMS		0x138

/* Doorbells, BAR 3: one 4 KiB page per queue. */
#define QLGE_DB_PAGE_SIZE		4096
#define QLGE_DB_WQ(wq)			((wq) * QLGE_DB_PAGE_SIZE)
#define QLGE_DB_CQ(cq)			((128 + (cq)) * QLGE_DB_PAGE_SIZE)
#define QLGE_DB_INDEX			0x00
#define QLGE_DB_LBQ			0x18
#define QLGE_DB_SBQ			0x1c

/* Flash parameter blocks. */
#define FUNC0_FLASH_OFFSET		(0x140200 / 4)
#define FUNC1_FLASH_OFFSET		(0x140600 / 4)

struct qlge_flash_8012 {
	u8 signature[4];
	__le16 size;
	__le16 checksum;
	__le16 version;
	__le16 sub_device_id;
	u8 mac_addr[6];
	__le16 reserved;
} __packed;
static_assert(sizeof(struct qlge_flash_8012) == 20);

struct qlge_flash_8000 {
	u8 signature[4];
	__le16 version;
	__le16 size;
	__le16 checksum;
	__le16 reserved;
	__le16 total_size;
	__le16 entry_count;
	u8 data_type0;
	u8 data_size0;
	u8 mac_addr[6];
	u8 data_type1;
	u8 data_size1;
	u8 mac_addr1[6];
	u8 data_type2;
	u8 data_size2;
	__le16 vlan_id;
	u8 data_type3;
	u8 data_size3;
	__le16 last;
	u8 reserved1[464];
	__le16 subsys_ven_id;
	__le16 subsys_dev_id;
	u8 reserved2[4];
} __packed;
static_assert(sizeof(struct qlge_flash_8000) == 512);

/* Initialization control blocks. */
struct qlge_wqicb {
	__le16 len;
#define Q_LEN_V				BIT(4)
	__le16 flags;
#define Q_FLAGS_LC			BIT(12)
#define Q_FLAGS_LB			BIT(13)
#define Q_FLAGS_LI			BIT(14)
#define Q_FLAGS_LO			BIT(15)
	__le16 cq_id_rss;
	__le16 rid;
	__le64 addr;
	__le64 cnsmr_idx_addr;
} __packed;
static_assert(sizeof(struct qlge_wqicb) == 24);

struct qlge_cqicb {
	u8 msix_vect;
	u8 reserved1;
	u8 reserved2;
	u8 flags;
#define FLAGS_LV			BIT(3)
#define FLAGS_LS			BIT(4)
#define FLAGS_LL			BIT(5)
#define FLAGS_LI			BIT(6)
#define FLAGS_LC			BIT(7)
	__le16 len;
#define LEN_V				BIT(4)
	__le16 rid;
	__le64 addr;
	__le64 prod_idx_addr;
	__le16 pkt_delay;
	__le16 irq_delay;
	__le64 lbq_addr;
	__le16 lbq_buf_size;
	__le16 lbq_len;
	__le64 sbq_addr;
	__le16 sbq_buf_size;
	__le16 sbq_len;
} __packed;
static_assert(sizeof(struct qlge_cqicb) == 52);

#define QLGE_RSS_TABLE_SIZE		1024
#define QLGE_RSS_KEY_SIZE		40
#define QLGE_RSS_KEY4_SIZE		16

struct qlge_ricb {
	u8 base_cq;
#define RSS_L4K				BIT(7)
	u8 flags;
#define RSS_L6K				BIT(0)
#define RSS_LI				BIT(1)
#define RSS_LB				BIT(2)
#define RSS_LM				BIT(3)
#define RSS_RI4				BIT(4)
#define RSS_RT4				BIT(5)
#define RSS_RI6				BIT(6)
#define RSS_RT6				BIT(7)
	__le16 mask;
	u8 hash_cq_id[QLGE_RSS_TABLE_SIZE];
	u8 ipv6_hash_key[QLGE_RSS_KEY_SIZE];
	u8 ipv4_hash_key[QLGE_RSS_KEY4_SIZE];
} __packed;
static_assert(sizeof(struct qlge_ricb) == 1084);

/* Transmit. */
struct qlge_tbd {
	__le64 addr;
	__le32 len;
#define TX_DESC_LEN_MASK		GENMASK(19, 0)
#define TX_DESC_C			BIT(30)
#define TX_DESC_E			BIT(31)
} __packed;
static_assert(sizeof(struct qlge_tbd) == 12);

#define QLGE_TX_DESC_PER_IOCB		8
/* Known drivers disagree on the length field, 16 or 20 bits. */
#define QLGE_TX_MAX_SEG			65535

#define OPCODE_OB_MAC_IOCB		0x01
#define OPCODE_OB_MAC_TSO_IOCB		0x02
#define OPCODE_IB_MAC_IOCB		0x20
#define OPCODE_IB_AE_IOCB		0x3f

struct qlge_ob_mac_iocb {
	u8 opcode;
	u8 flags1;
#define OB_MAC_TSO_IOCB_IP4		BIT(6)
#define OB_MAC_TSO_IOCB_IP6		BIT(7)
	u8 flags2;
#define OB_MAC_TSO_IOCB_LSO		BIT(5)
#define OB_MAC_TSO_IOCB_UC		BIT(6)
#define OB_MAC_TSO_IOCB_TC		BIT(7)
	u8 flags3;
#define OB_MAC_TSO_IOCB_IC		BIT(0)
#define OB_MAC_IOCB_V			BIT(2)	/* in both kinds of request */
	__le32 reserved1[2];
	/* 16 bits wide in a plain request, 32 in a TSO request. */
	__le32 frame_len;
	u32 tid;		/* opaque, returned in the completion */
	u32 txq_idx;		/* opaque, returned in the completion */
	__le16 total_hdrs_len;	/* TSO request only */
	__le16 net_trans_offset;	/* TSO request only */
#define OB_MAC_TRANSPORT_HDR_SHIFT	6
#define OB_MAC_NETWORK_OFFSET_MAX	63
#define OB_MAC_TRANSPORT_OFFSET_MAX	1023
	__le16 vlan_tci;
	__le16 mss;		/* TSO request only */
	struct qlge_tbd tbd[QLGE_TX_DESC_PER_IOCB];
} __packed;
static_assert(sizeof(struct qlge_ob_mac_iocb) == 128);

struct qlge_ob_mac_rsp {
	u8 opcode;
	u8 flags1;
#define OB_MAC_IOCB_RSP_E		BIT(3)
#define OB_MAC_IOCB_RSP_S		BIT(4)
#define OB_MAC_IOCB_RSP_L		BIT(5)
	u8 flags2;
	u8 flags3;
#define OB_MAC_IOCB_RSP_B		BIT(7)
	u32 tid;
	u32 txq_idx;
	__le32 reserved[13];
} __packed;

/* Receive. */
struct qlge_ib_mac_rsp {
	u8 opcode;
	u8 flags1;
#define IB_MAC_IOCB_RSP_TE		BIT(2)
#define IB_MAC_IOCB_RSP_NU		BIT(3)
#define IB_MAC_IOCB_RSP_IE		BIT(4)
	u8 flags2;
#define IB_MAC_IOCB_RSP_V		BIT(1)
#define IB_MAC_IOCB_RSP_ERR_MASK	GENMASK(4, 2)
#define IB_MAC_IOCB_RSP_U		BIT(5)
#define IB_MAC_IOCB_RSP_T		BIT(6)
	u8 flags3;
#define IB_MAC_IOCB_RSP_RSS_MASK	GENMASK(2, 0)
#define IB_MAC_IOCB_RSP_RSS_TCP		BIT(0)
#define IB_MAC_IOCB_RSP_V4		BIT(3)
#define IB_MAC_IOCB_RSP_DS		BIT(6)
#define IB_MAC_IOCB_RSP_DL		BIT(7)
	__le32 data_len;
	__le64 data_addr;
	__le32 rss;
	__le16 vlan_id;
	__le16 reserved1;
	__le32 reserved2[6];
	u8 reserved3[3];
	u8 flags4;
#define IB_MAC_IOCB_RSP_HV		BIT(5)
	__le32 hdr_len;
	__le64 hdr_addr;
} __packed;

struct qlge_ib_ae_rsp {
	u8 opcode;
	u8 flags1;
	u8 event;
#define MGMT_ERR_EVENT			0x08
	u8 q_id;
	__le32 reserved[15];
} __packed;

union qlge_cqe {
	u8 opcode;
	struct qlge_ob_mac_rsp tx;
	struct qlge_ib_mac_rsp rx;
	struct qlge_ib_ae_rsp ae;
};

static_assert(sizeof(union qlge_cqe) == 64);

#endif /* _QLGE_HW_H_ */
