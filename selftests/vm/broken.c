// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that does wrong on purpose, once per detector of the debug kernel:
 * test-harness.sh proves with it that none of them is asleep.
 */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(broken_spin);
static DEFINE_MUTEX(broken_a);
static DEFINE_MUTEX(broken_b);

static noinline void broken_leak(void)
{
	void *p = kmalloc(333, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
}

static noinline void broken_overrun(void)
{
	char *p = kmalloc(64, GFP_KERNEL);
	size_t n = 64;

	OPTIMIZER_HIDE_VAR(n);
	if (p)
		((volatile char *)p)[n] = 0;
	kfree(p);
}

static noinline void broken_sleep(void)
{
	spin_lock(&broken_spin);
	might_sleep();
	spin_unlock(&broken_spin);
}

static noinline void broken_order(void)
{
	mutex_lock(&broken_a);
	mutex_lock(&broken_b);
	mutex_unlock(&broken_b);
	mutex_unlock(&broken_a);

	mutex_lock(&broken_b);
	mutex_lock(&broken_a);
	mutex_unlock(&broken_a);
	mutex_unlock(&broken_b);
}

static int __init broken_init(void)
{
	/* Lockdep first: it switches itself off behind the other reports. */
	broken_order();
	broken_leak();
	broken_overrun();
	broken_sleep();
	return 0;
}
module_init(broken_init);

static void __exit broken_exit(void)
{
}
module_exit(broken_exit);

MODULE_DESCRIPTION("Errors for the detectors of a debug kernel");
MODULE_LICENSE("GPL");
