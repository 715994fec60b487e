// SPDX-License-Identifier: GPL-2.0-only
/*
 * CMPXCHG16B keeps every flag but ZF. Where it does not (qemu-cmpxchg.patch), an
 * interrupt at the wrong moment kills the guest.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

/* CF, PF, AF, ZF, SF, OF */
#define STATUS	0x8d5

int main(void)
{
	static _Alignas(16) uint64_t mem[2] = { 3, 4 };
	uint64_t one = 1, two = 2, lo = 5, hi = 6, flags;
	/* 1 - 2: a borrow, negative, an even number of ones. */
	uint64_t want = 0x95;

	/* Flags that are known as such, then those of a comparison. */
	asm volatile("sub $128, %%rsp\n\t"
		     "pushfq\n\t"
		     "popfq\n\t"
		     "cmp %[two], %[one]\n\t"
		     "cmpxchg16b %[mem]\n\t"
		     "pushfq\n\t"
		     "pop %[flags]\n\t"
		     "lea 128(%%rsp), %%rsp"
		     : [flags] "=&r" (flags), [mem] "+m" (mem),
		       "+a" (lo), "+d" (hi)
		     : [one] "r" (one), [two] "r" (two), "b" (one), "c" (two)
		     : "cc", "memory");
	if (lo == 3 && hi == 4 && (flags & STATUS) == want)
		return 0;
	printf("flags %#" PRIx64 ", not %#" PRIx64 "\n", flags & STATUS, want);
	return 1;
}
