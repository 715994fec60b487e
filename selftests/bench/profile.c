// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plugin of QEMU's TCG: counts the instructions that the guest executes
 * between two marks of napi_cost, by address, and how many of them are atomic.
 * At the end it writes "ADDRESS INSTRUCTIONS LOCKED" lines to the file of its
 * argument out=.
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

struct block {
	uint64_t vaddr, insns, locked, runs;
};

static GPtrArray *blocks;
static GMutex lock;
static bool counting;
static char *path;

static void on_block(unsigned int cpu, void *data)
{
	struct block *b = data;

	if (counting)
		b->runs++;
}

static void on_mark(unsigned int cpu, void *data)
{
	counting = data;
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
		const unsigned char *code = qemu_plugin_insn_data(insn);
		uint32_t mark;

		/*
		 * On one CPU the kernel turns its lock prefixes into 0x3e,
		 * which in front of a jump means something else.
		 */
		b->locked += code[0] == 0xf0 ||
			     (code[0] == 0x3e && code[1] != 0xff);
		if (qemu_plugin_insn_size(insn) != sizeof(nopl) + sizeof(mark) ||
		    memcmp(code, nopl, sizeof(nopl)))
			continue;
		memcpy(&mark, code + sizeof(nopl), sizeof(mark));
		if (mark == MARK_ON)
			on_insn(insn, on_mark, NO_REGS, blocks);
		else if (mark == MARK_OFF)
			on_insn(insn, on_mark, NO_REGS, NULL);
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, NO_REGS, b);
	g_mutex_lock(&lock);
	g_ptr_array_add(blocks, b);
	g_mutex_unlock(&lock);
}

static void on_end(qemu_plugin_id_t id, void *data)
{
	FILE *f = fopen(path, "w");
	guint i;

	for (i = 0; f && i < blocks->len; i++) {
		const struct block *b = blocks->pdata[i];

		if (b->runs)
			fprintf(f, "%016llx %llu %llu\n",
				(unsigned long long)b->vaddr,
				(unsigned long long)(b->runs * b->insns),
				(unsigned long long)(b->runs * b->locked));
	}
	if (f)
		fclose(f);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
					   const qemu_info_t *info, int argc,
					   char **argv)
{
	if (argc != 1 || !g_str_has_prefix(argv[0], "out="))
		return 1;
	path = g_strdup(argv[0] + 4);
	blocks = g_ptr_array_new();
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_end, NULL);
	return 0;
}
