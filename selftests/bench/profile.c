// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plugin of QEMU's TCG: counts the instructions that the guest executes
 * between two marks of napi_cost, by address, and how many of them are atomic.
 * It writes lines "RUN ADDRESS INSTRUCTIONS ATOMIC" to the file of its argument
 * out=; the first two marks enclose run 1.
 */
#include <glib.h>
#include <qemu-plugin.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "napi_cost.h"

#define NO_REGS	QEMU_PLUGIN_CB_NO_REGS
#define on_insn	qemu_plugin_register_vcpu_insn_exec_cb

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* The longest instruction of x86. */
#define INSN_MAX	15

#if QEMU_PLUGIN_VERSION >= 4	/* QEMU 9.1: one counter for each CPU */
#define on_exec	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu

struct counter {
	qemu_plugin_u64 n;
};

static void counter_init(struct counter *c)
{
	c->n.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
}

static uint64_t counter_read(struct counter *c)
{
	return qemu_plugin_u64_get(c->n, 0);
}

static size_t insn_bytes(struct qemu_plugin_insn *insn, unsigned char *code)
{
	return qemu_plugin_insn_data(insn, code, INSN_MAX);
}
#else
#define on_exec(tb, op, entry, by) \
	qemu_plugin_register_vcpu_tb_exec_inline(tb, op, &(entry), by)

struct counter {
	uint64_t n;
};

static void counter_init(struct counter *c)
{
	c->n = 0;
}

static uint64_t counter_read(struct counter *c)
{
	return c->n;
}

static size_t insn_bytes(struct qemu_plugin_insn *insn, unsigned char *code)
{
	size_t size = qemu_plugin_insn_size(insn);

	memcpy(code, qemu_plugin_insn_data(insn), size);
	return size;
}
#endif

/* How often it ran is counted by the translation itself, always. */
struct block {
	uint64_t vaddr, insns, atomics, before;
	struct counter runs;
};

static GPtrArray *blocks;
static unsigned int run;
static bool counting;
static FILE *out;

static void on_begin(unsigned int cpu, void *data)
{
	guint i;

	for (i = 0; i < blocks->len; i++) {
		struct block *b = blocks->pdata[i];

		b->before = counter_read(&b->runs);
	}
	counting = true;
	run++;
}

static void on_end(unsigned int cpu, void *data)
{
	guint i;

	for (i = 0; counting && i < blocks->len; i++) {
		struct block *b = blocks->pdata[i];
		uint64_t n = counter_read(&b->runs) - b->before;

		if (n)
			fprintf(out, "%u %016llx %llu %llu\n", run,
				(unsigned long long)b->vaddr,
				(unsigned long long)(n * b->insns),
				(unsigned long long)(n * b->atomics));
	}
	counting = false;
	fflush(out);
}

static bool is_atomic(const unsigned char *code, size_t size)
{
	static const unsigned char prefixes[] = {
		0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3
	};
	bool lock = false;

	/* On one CPU the kernel turns its lock prefixes into 0x3e. */
	while (size && memchr(prefixes, *code, sizeof(prefixes))) {
		lock |= *code == 0x3e || *code == 0xf0;
		code++;
		size--;
	}
	/* REX */
	if (size && (*code & 0xf0) == 0x40) {
		code++;
		size--;
	}
	/* All of them have an operand in memory. */
	if (size < 2 || (*code != 0x0f && code[1] >= 0xc0))
		return false;
	switch (*code) {
	case 0x86:	/* xchg locks without being told */
	case 0x87:
		return true;
	case 0xff:	/* inc and dec, or a jump, to which 0x3e means another thing */
		return lock && (code[1] & 0x38) < 0x10;
	case 0xe8:
	case 0xe9:
		return false;
	default:
		return lock;
	}
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	static const unsigned char nopl[] = { 0x0f, 0x1f, 0x80 };
	struct block *b = g_new0(struct block, 1);
	size_t i;

	b->vaddr = qemu_plugin_tb_vaddr(tb);
	b->insns = qemu_plugin_tb_n_insns(tb);
	for (i = 0; i < b->insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		unsigned char code[INSN_MAX];
		size_t size = insn_bytes(insn, code);
		uint32_t mark;

		b->atomics += is_atomic(code, size);
		if (size != sizeof(nopl) + sizeof(mark) ||
		    memcmp(code, nopl, sizeof(nopl)))
			continue;
		memcpy(&mark, code + sizeof(nopl), sizeof(mark));
		if (mark == MARK_ON)
			on_insn(insn, on_begin, NO_REGS, NULL);
		else if (mark == MARK_OFF)
			on_insn(insn, on_end, NO_REGS, NULL);
	}
	counter_init(&b->runs);
	on_exec(tb, QEMU_PLUGIN_INLINE_ADD_U64, b->runs.n, 1);
	g_ptr_array_add(blocks, b);
}

/* There is one thread: the guest's clock counts instructions. */
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
					   const qemu_info_t *info, int argc,
					   char **argv)
{
	if (argc != 1 || !g_str_has_prefix(argv[0], "out="))
		return 1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return 1;
	blocks = g_ptr_array_new();
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
