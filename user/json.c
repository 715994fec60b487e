// SPDX-License-Identifier: GPL-2.0-only
#include "qlgestat.h"

static bool pretty;
static bool empty;		/* nothing in this object or array yet */
static unsigned int depth;

void json_begin(bool want_pretty)
{
	pretty = want_pretty;
	empty = true;
	depth = 0;
}

static void newline(void)
{
	unsigned int i;

	if (!pretty)
		return;
	putchar('\n');
	for (i = 0; i < depth; i++)
		putchar('\t');
}

/* Length of the UTF-8 sequence at @s, 0 if it is not one. */
static size_t utf8_len(const unsigned char *s)
{
	size_t len, i;

	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what is beyond Unicode. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* A device may have any name without slash and space, a program too. */
static void quoted(const char *str)
{
	const unsigned char *s = (const unsigned char *)str;
	size_t len;

	putchar('"');
	for (; *s; s += len) {
		len = 1;
		if (*s == '"' || *s == '\\') {
			printf("\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			printf("\\u%04x", *s);
		} else if (*s < 0x80) {
			putchar(*s);
		} else {
			len = utf8_len(s);
			if (len) {
				fwrite(s, 1, len, stdout);
			} else {
				fputs("\\ufffd", stdout);
				len = 1;
			}
		}
	}
	putchar('"');
}

static void item(const char *key)
{
	if (depth) {
		if (!empty)
			putchar(',');
		newline();
	}
	empty = false;
	if (key) {
		quoted(key);
		fputs(pretty ? ": " : ":", stdout);
	}
}

void json_open(const char *key, char bracket)
{
	item(key);
	putchar(bracket);
	depth++;
	empty = true;
}

void json_close(char bracket)
{
	depth--;
	if (!empty)
		newline();
	putchar(bracket);
	empty = false;
	if (!depth)
		putchar('\n');
}

void json_str(const char *key, const char *value)
{
	item(key);
	quoted(value);
}

void json_uint(const char *key, uint64_t value)
{
	item(key);
	printf("%ju", (uintmax_t)value);
}

void json_int(const char *key, int64_t value)
{
	item(key);
	printf("%jd", (intmax_t)value);
}

void json_double(const char *key, double value, int digits)
{
	item(key);
	printf("%.*f", digits, value);
}

void json_bool(const char *key, bool value)
{
	item(key);
	fputs(value ? "true" : "false", stdout);
}

void json_qstats(const struct qstats *s, enum netdev_queue_type type)
{
	const struct counter *c;
	bool any = false;

	for (c = counters; c->attr; c++) {
		if (c->type != type || !qstats_has(s, c->attr))
			continue;
		if (!any)
			json_open(type == NETDEV_QUEUE_TYPE_RX ? "rx" : "tx",
				  '{');
		any = true;
		json_uint(c->name, s->value[c->attr]);
	}
	if (any)
		json_close('}');
}
