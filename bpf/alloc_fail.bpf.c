// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the driver's receive allocations fail on any kernel: the function
 * qlge_rx_alloc_hook() is called once per attempt, and what this program
 * returns is what it returns. Of the calls that match the filter the first
 * `skip` succeed, the next `fail` fail and all later ones succeed again. One
 * atomic counter decides, so the numbers are exact on any number of CPUs.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "alloc_fail.h"

const volatile struct alloc_fail_config config = {
	.ifindex = ALLOC_FAIL_ANY,
	.queue = ALLOC_FAIL_ANY,
	.bq = ALLOC_FAIL_ANY,
};

struct alloc_fail_result result = {};

SEC("fmod_ret/qlge_rx_alloc_hook")
int BPF_PROG(alloc_fail, int ifindex, __u32 queue, __u32 bq, __u32 atomic,
	     int ret)
{
	__u64 call;

	/* Another program on the hook has failed this attempt already. */
	if (ret)
		return ret;
	if (config.ifindex != ALLOC_FAIL_ANY && config.ifindex != ifindex)
		return 0;
	if (config.queue != ALLOC_FAIL_ANY && config.queue != queue)
		return 0;
	if (config.bq != ALLOC_FAIL_ANY && config.bq != bq)
		return 0;
	if (config.atomic_only && !atomic)
		return 0;

	call = __sync_fetch_and_add(&result.calls, 1);
	if (call < config.skip || call - config.skip >= config.fail)
		return 0;

	__sync_fetch_and_add(&result.injected, 1);
	return -ALLOC_FAIL_ERRNO;
}

char _license[] SEC("license") = "GPL";
