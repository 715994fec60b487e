// SPDX-License-Identifier: GPL-2.0-only
/* Address tables, VLAN filter, routing slots, RSS: where a frame goes. */
#include "qlge_core_int.h"

#define MAC_IDX_RS		0x04000000u
#define MAC_IDX_E		0x08000000u
#define TYPE_CAM		0
#define TYPE_MCAST		1
#define TYPE_VLAN		2

#define RT_IDX_E		0x08000000u
#define RT_TYPE_NICQ		2
#define DST_RSS			0
#define DST_CAM_Q		1
#define DST_DFLT_Q		3

#define RT_BCAST		(1u << 0)
#define RT_MCAST		(1u << 1)
#define RT_MCAST_MATCH		(1u << 2)
#define RT_MCAST_REG		(1u << 3)
#define RT_FCOE			(1u << 6)
#define RT_CAM_HIT		(1u << 7)
#define RT_VLAN_TAG		(1u << 10)
#define RT_VLAN_MATCH		(1u << 11)
#define RT_BCAST_MCAST		(1u << 15)
#define RT_802_3		(1u << 16)
#define RT_LLDP			(1u << 17)
#define RT_ERR			(1u << 22)
#define RT_VALID		(1u << 23)
#define RT_TU_CSUM_ERR		(1u << 24)
#define RT_IP_CSUM_ERR		(1u << 25)
#define RT_RSS_TCP6		(1u << 27)
#define RT_RSS_TCP4		(1u << 28)
#define RT_RSS_IPV6		(1u << 29)
#define RT_RSS_IPV4		(1u << 30)
#define RT_RSS_MATCH		(1u << 31)

#define RX1_TE			0x04
#define RX1_NU			0x08
#define RX1_IE			0x10
#define RX1_M_REG		0x40
#define RX1_M_PROM		0x60
#define RX1_B			0x80
#define RX2_P			0x01
#define RX2_V			0x02
#define RX2_U			0x20
#define RX2_T			0x40
#define RX3_V4			0x08
#define RX3_V6			0x10

static const struct {
	uint16_t entries;
	uint8_t words;
	uint16_t base;
} tables[] = {
	{ QLGE_CAM_ENTRIES, 3, 0 },
	{ 32, 2, 1536 },
	{ 4096, 1, 1600 },
	{ 4096, 1, 5696 },
	{ 4, 2, 9792 },
	{ 8, 2, 9800 },
	{ 16, 1, 9816 },
	{ 4, 1, 9832 },
	{ 4, 4, 9836 },
	{ 4, 1, 9852 },
};

_Static_assert(QLGE_ADDR_WORDS == 9852 + 4, "tables fill addr_words");

/* The word an index selects, or NULL outside of the tables. */
static uint32_t *addr_word(struct qlge_core *c, uint32_t idx)
{
	unsigned int type = idx >> 16 & 15, entry = idx >> 4 & 0xfff;
	unsigned int word = idx & 15;

	if (type >= ARRAY_SIZE(tables) || entry >= tables[type].entries ||
	    word >= tables[type].words)
		return NULL;
	/* Both ports write this one from entry 0: one for each function. */
	if (type == TYPE_MCAST)
		return &c->mcast[entry * 2 + word];
	return &c->chip->addr_words[tables[type].base +
				    entry * tables[type].words + word];
}

/* The lookup of a frame shall not walk 512 entries. */
void qlge_cam_rescan(struct qlge_chip *chip)
{
	const uint32_t *w = chip->addr_words;
	unsigned int i;

	chip->cam_count = 0;
	for (i = 0; i < QLGE_CAM_ENTRIES; i++, w += 3)
		if (w[0] || (w[1] & 0xffff))
			chip->cam_used[chip->cam_count++] = (uint16_t)i;
}

void qlge_mac_idx_write(struct qlge_core *c, uint32_t val)
{
	unsigned int entry = val >> 4 & 0xfff, word = val & 15;

	c->chip->mac_idx = val;
	if (val & MAC_IDX_RS)
		return;
	switch (val >> 16 & 15) {
	case TYPE_VLAN:
		/* The enable bit is the content; no data word follows. */
		if (word)
			break;
		if (val & MAC_IDX_E)
			c->vlan_on[entry / 64] |= 1ull << entry % 64;
		else
			c->vlan_on[entry / 64] &= ~(1ull << entry % 64);
		break;
	case TYPE_MCAST:
		if (entry >= 32 || word >= 2)
			break;
		if (val & MAC_IDX_E)
			c->mcast_valid |= 1ull << (entry * 2 + word);
		else
			c->mcast_valid &= ~(1ull << (entry * 2 + word));
		break;
	}
}

uint32_t qlge_mac_data_read(struct qlge_core *c)
{
	uint32_t *word = addr_word(c, c->chip->mac_idx);
	unsigned int entry = c->chip->mac_idx >> 4 & 0xfff;

	if ((c->chip->mac_idx >> 16 & 15) == TYPE_VLAN)
		return c->vlan_on[entry / 64] >> entry % 64 & 1;
	return word ? *word : 0;
}

void qlge_mac_data_write(struct qlge_core *c, uint32_t val)
{
	uint32_t *word = addr_word(c, c->chip->mac_idx);

	if (!word || (c->chip->mac_idx & MAC_IDX_RS))
		return;
	*word = val;
	if ((c->chip->mac_idx >> 16 & 15) == TYPE_CAM)
		qlge_cam_rescan(c->chip);
}

void qlge_rt_data_write(struct qlge_core *c, uint32_t val)
{
	unsigned int type = c->rt_idx >> 16 & 15, slot = c->rt_idx >> 8 & 0xff;
	struct qlge_route *r;

	if (type >= 4 || slot >= (type < 2 ? 8 : 16) ||
	    (c->rt_idx & MAC_IDX_RS))
		return;
	r = &c->route[type][slot];
	r->idx = c->rt_idx;
	r->data = val;
	r->enabled = c->rt_idx & RT_IDX_E;
}

uint32_t qlge_rt_data_read(struct qlge_core *c)
{
	unsigned int type = c->rt_idx >> 16 & 15, slot = c->rt_idx >> 8 & 0xff;

	if (type >= 4 || slot >= 16)
		return 0;
	return c->route[type][slot].data;
}

/* RSS */

/*
 * hash(input) is the exclusive or of one table entry per input byte: entry
 * [i][b] gathers the 32-bit windows of the key that start at the bits of byte
 * i which are set in b.
 */
static void toeplitz_table(uint32_t (*table)[256], unsigned int bytes,
			   const uint8_t *key)
{
	unsigned int i, b;
	uint64_t window;

	for (i = 0; i < bytes; i++) {
		/* key[i..i+4]: the 40 bits the eight windows are taken from */
		window = (uint64_t)get_be32(key + i) << 8 | key[i + 4];
		table[i][0] = 0;
		for (b = 1; b < 256; b++)
			table[i][b] = table[i][b & (b - 1)] ^
				(uint32_t)(window >> (1 + __builtin_ctz(b)));
	}
}

static uint32_t toeplitz(uint32_t (*table)[256], const uint8_t *in,
			 unsigned int bytes)
{
	uint32_t hash = 0;
	unsigned int i;

	for (i = 0; i < bytes; i++)
		hash ^= table[i][in[i]];
	return hash;
}

void qlge_rss_tables(struct qlge_rss *r)
{
	toeplitz_table(r->toep6, 36, r->key6);
	toeplitz_table(r->toep4, 12, r->key4);
}

int qlge_rss_load(struct qlge_core *c, uint64_t addr)
{
	struct qlge_rss *r = &c->rss;
	uint8_t icb[1084], flags;

	if (qlge_dma_read(c, addr, icb, sizeof(icb)))
		return -1;
	flags = icb[1];
	if (flags & 0x04)
		r->base = icb[0] & 0x7f;
	if (flags & 0x08)
		r->mask = get_le16(icb + 2) & 0x3ff;
	if (flags & 0x02)
		memcpy(r->table, icb + 4, sizeof(r->table));
	if (flags & 0x01)
		memcpy(r->key6, icb + 1028, sizeof(r->key6));
	if (icb[0] & 0x80)
		memcpy(r->key4, icb + 1068, sizeof(r->key4));
	qlge_rss_tables(r);
	r->flags = flags & 0xf0;
	r->loaded = true;
	return 0;
}

int qlge_rss_dump(struct qlge_core *c, uint64_t addr)
{
	const struct qlge_rss *r = &c->rss;
	uint8_t icb[1084];

	icb[0] = r->base;
	icb[1] = r->flags;
	put_le16(icb + 2, r->mask);
	memcpy(icb + 4, r->table, sizeof(r->table));
	memcpy(icb + 1028, r->key6, sizeof(r->key6));
	memcpy(icb + 1068, r->key4, sizeof(r->key4));
	return qlge_dma_write(c, addr, icb, sizeof(icb));
}

/* Packet type */

/* Layer 4 of a packet that is whole; returns attribute bits. */
static uint32_t parse_l4(const uint8_t *l4, size_t len, uint8_t proto,
			 uint32_t pseudo, bool ip4, struct qlge_rxinfo *info,
			 size_t l4_off)
{
	size_t hdr = proto == 6 ? 20 : 8;

	if (len < hdr)
		return 0;
	if (proto == 17) {
		/* A UDP length that disagrees cannot be verified. */
		if (get_be16(l4 + 4) != len)
			return 0;
		info->flags2 |= RX2_U;
		info->hdr = (uint16_t)(l4_off + 8);
		if (!get_be16(l4 + 6) && ip4)
			return 0;
	} else {
		hdr = (l4[12] >> 4) * 4u;
		if (hdr < 20 || hdr > len)
			return 0;
		info->flags2 |= RX2_T;
		info->hdr = (uint16_t)(l4_off + hdr);
	}
	info->flags1 &= (uint8_t)~RX1_NU;
	if (qlge_csum_fold(qlge_csum_add(l4, len, pseudo)) != 0xffff) {
		info->flags1 |= RX1_TE;
		return RT_TU_CSUM_ERR | RT_ERR;
	}
	return 0;
}

static uint32_t parse_ip4(struct qlge_core *c, const uint8_t *ip, size_t len,
			  struct qlge_rxinfo *info, size_t l3_off)
{
	uint8_t tuple[12], flags = c->rss.loaded ? c->rss.flags : 0;
	size_t hdr, total;
	uint32_t attr = 0;
	bool tcp;

	if (len < 20 || ip[0] >> 4 != 4)
		return 0;
	hdr = (ip[0] & 15) * 4u;
	total = get_be16(ip + 2);
	if (hdr < 20 || hdr > len || total < hdr || total > len)
		return 0;
	info->flags3 |= RX3_V4;
	if (qlge_csum_fold(qlge_csum_add(ip, hdr, 0)) != 0xffff) {
		info->flags1 |= RX1_IE;
		return RT_IP_CSUM_ERR | RT_ERR;
	}
	/* Fragments keep "not verified" and are hashed by address only. */
	tcp = false;
	if (!(get_be16(ip + 6) & 0x3fff) && (ip[9] == 6 || ip[9] == 17)) {
		attr |= parse_l4(ip + hdr, total - hdr, ip[9],
				 qlge_csum_add(ip + 12, 8,
					       (uint32_t)(ip[9] + total - hdr)),
				 true, info, l3_off + hdr);
		tcp = info->flags2 & RX2_T;
	}
	memcpy(tuple, ip + 12, 8);
	if (tcp && (flags & 0x20)) {
		memcpy(tuple + 8, ip + hdr, 4);
		info->hash = toeplitz(c->rss.toep4, tuple, 12);
		attr |= RT_RSS_TCP4;
	} else if (flags & 0x10) {
		info->hash = toeplitz(c->rss.toep4, tuple, 8);
		attr |= RT_RSS_IPV4;
	}
	return attr;
}

static uint32_t parse_ip6(struct qlge_core *c, const uint8_t *ip, size_t len,
			  struct qlge_rxinfo *info, size_t l3_off)
{
	uint8_t tuple[36], flags = c->rss.loaded ? c->rss.flags : 0;
	uint32_t attr = 0;
	size_t payload;

	if (len < 40 || ip[0] >> 4 != 6)
		return 0;
	payload = get_be16(ip + 4);
	if (payload > len - 40)
		return 0;
	info->flags3 |= RX3_V6;
	if (ip[6] == 6 || ip[6] == 17)
		attr |= parse_l4(ip + 40, payload, ip[6],
				 qlge_csum_add(ip + 8, 32,
					       (uint32_t)(ip[6] + payload)),
				 false, info, l3_off + 40);
	memcpy(tuple, ip + 8, 32);
	if ((info->flags2 & RX2_T) && (flags & 0x80)) {
		memcpy(tuple + 32, ip + 40, 4);
		info->hash = toeplitz(c->rss.toep6, tuple, 36);
		attr |= RT_RSS_TCP6;
	} else if (flags & 0x40) {
		info->hash = toeplitz(c->rss.toep6, tuple, 32);
		attr |= RT_RSS_IPV6;
	}
	return attr;
}

static void multicast(struct qlge_core *c, const uint8_t *frame, uint32_t *attr,
		      struct qlge_rxinfo *info)
{
	uint32_t lower = get_be32(frame + 2), upper = get_be16(frame);
	unsigned int i;

	if (lower == 0xffffffffu && upper == 0xffff) {
		info->flags1 |= RX1_B;
		*attr |= RT_BCAST | RT_BCAST_MCAST;
		return;
	}
	*attr |= RT_MCAST;
	info->flags1 |= RX1_M_PROM;
	for (i = 0; i < 32; i++) {
		if (c->mcast[i * 2] != lower ||
		    (c->mcast[i * 2 + 1] & 0xffff) != upper ||
		    (c->mcast_valid >> i * 2 & 3) != 3)
			continue;
		*attr |= RT_MCAST_MATCH | RT_MCAST_REG | RT_BCAST_MCAST;
		info->flags1 &= (uint8_t)~RX1_M_PROM;
		info->flags1 |= RX1_M_REG;
		break;
	}
}

/*
 * Address lookup: the function that gets the frame, or NULL.  Two ports may
 * have the same address (a bond), so only two hits of one function are an
 * error.
 */
static struct qlge_core *lookup(struct qlge_core *c, const uint8_t *frame,
				uint32_t *attr, struct qlge_rxinfo *info,
				uint32_t *cam)
{
	uint32_t lower = get_be32(frame + 2), upper = get_be16(frame), out = 0;
	uint32_t rr = c->reg[R_RST_FO / 4] & RST_FO_RR, seen = 0;
	const struct qlge_chip *chip = c->chip;
	unsigned int i, func;
	const uint32_t *w;

	if (frame[0] & 1) {
		multicast(c, frame, attr, info);
		return c;
	}
	for (i = 0; i < chip->cam_count; i++) {
		w = &chip->addr_words[chip->cam_used[i] * 3u];
		if (w[0] != lower || (w[1] & 0xffff) != upper)
			continue;
		if (!(w[2] & 3))
			continue;	/* belongs to the FC core */
		func = w[2] >> 2 & 3;
		if (seen & 1u << func) {
			qlge_chip_event(c, AE_CAM_LOOKUP_ERR, 0);
			return NULL;
		}
		/* The first, but rather the own one if the port decides. */
		if (!seen || (rr == RST_FO_RR_RCV_FUNC &&
			      func == c->cfg.function))
			out = w[2];
		seen |= 1u << func;
	}
	if (!seen)
		return c;
	*cam = out;
	*attr |= RT_CAM_HIT;
	func = out >> 2 & 3;
	if (func == c->cfg.function)
		return c;
	switch (rr) {
	case RST_FO_RR_CQ_CAM:
		return func < ARRAY_SIZE(chip->fn) ? chip->fn[func] : NULL;
	case RST_FO_RR_DROP:
		return NULL;
	case RST_FO_RR_DQ:
		*cam = RCV_DFQ(c->reg[R_NIC_RCV_CFG / 4]) << 5;
		break;
	}
	return c;
}

static bool vlan_filter(struct qlge_core *c, bool tagged, uint16_t tci,
			uint32_t *attr)
{
	bool on = c->vlan_on[(tci & 0xfff) / 64] >> tci % 64 & 1;

	if (tagged)
		*attr |= RT_VLAN_TAG | (on ? RT_VLAN_MATCH : 0);
	switch (c->reg[R_NIC_RCV_CFG / 4] & RCV_VLAN) {
	case RCV_VLAN_ALL:
		return true;
	case RCV_VLAN_MATCH:
		return tagged && on;
	case RCV_VLAN_MATCH_NON:
		return !tagged || on;
	default:
		return !tagged;
	}
}

static uint8_t rss_type(uint32_t attr)
{
	if (attr & RT_RSS_TCP4)
		return 5;
	if (attr & RT_RSS_IPV4)
		return 4;
	if (attr & RT_RSS_TCP6)
		return 3;
	return attr & RT_RSS_IPV6 ? 2 : 0;
}

struct qlge_core *qlge_classify(struct qlge_core *c, const uint8_t *frame,
				size_t len, struct qlge_rxinfo *info)
{
	uint32_t attr = RT_VALID, cam = 0, rss, rcv;
	const struct qlge_route *r = NULL;
	unsigned int slot;
	bool tagged = false;
	size_t l3 = 14;
	uint16_t type;

	memset(info, 0, sizeof(*info));
	info->len = (uint16_t)len;
	info->flags1 = RX1_NU;
	type = get_be16(frame + 12);
	if (type == 0x8100) {
		tagged = true;
		info->flags2 |= RX2_V;
		info->vlan = get_be16(frame + 14);
		type = get_be16(frame + 16);
		l3 = 18;
	}
	/* From here on the rules are those of the function that gets it. */
	c = lookup(c, frame, &attr, info, &cam);
	if (!c || !(c->reg[R_FSC / 4] & FSC_FE) ||
	    !vlan_filter(c, tagged, info->vlan, &attr))
		return NULL;
	if (type == 0x0800)
		attr |= parse_ip4(c, frame + l3, len - l3, info, l3);
	else if (type == 0x86dd)
		attr |= parse_ip6(c, frame + l3, len - l3, info, l3);
	else if (type < 0x600)
		attr |= RT_802_3;
	else if (type == 0x88cc)
		attr |= RT_LLDP;
	else if (type == 0x8906)
		attr |= RT_FCOE;
	/*
	 * A match counts only for the own address, or slot 8 would make the
	 * function promiscuous for IP traffic.
	 */
	rss = RT_RSS_TCP4 | RT_RSS_TCP6 | RT_RSS_IPV4 | RT_RSS_IPV6;
	if (!(attr & RT_CAM_HIT))
		attr &= ~rss;
	if (attr & rss)
		attr |= RT_RSS_MATCH;

	for (slot = 0; slot < 16; slot++) {
		r = &c->route[RT_TYPE_NICQ][slot];
		if (r->enabled && (r->data & attr))
			break;
	}
	if (slot == 16)
		return NULL;
	rcv = c->reg[R_NIC_RCV_CFG / 4];
	switch (r->idx >> 20 & 7) {
	case DST_RSS:
		info->cq = (c->rss.base +
			    c->rss.table[info->hash & c->rss.mask]) & 0x7f;
		info->flags3 |= rss_type(attr);
		break;
	case DST_CAM_Q:
		info->cq = cam >> 5 & 0x7f;
		break;
	case DST_DFLT_Q:
		info->cq = (uint8_t)RCV_DFQ(rcv);
		break;
	default:
		return NULL;
	}
	if (!(frame[0] & 1) && !(attr & RT_CAM_HIT))
		info->flags2 |= RX2_P;
	return c;
}
