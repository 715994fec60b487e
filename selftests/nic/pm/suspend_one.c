// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspends one PCI device as the PM core would, through the callbacks of its
 * bus, and resumes it when the module is removed.  The whole guest cannot
 * sleep: the file system it runs from would not wake up.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>

static char *slot;
module_param(slot, charp, 0);
MODULE_PARM_DESC(slot, "name of the device, for instance 0000:01:00.0");

static struct device *dev;

static int __init suspend_one_init(void)
{
	const struct dev_pm_ops *pm = pci_bus_type.pm;
	int err;

	dev = slot ? bus_find_device_by_name(&pci_bus_type, NULL, slot) : NULL;
	if (!dev)
		return -ENODEV;
	device_lock(dev);
	err = pm->suspend(dev);
	if (!err)
		err = pm->suspend_noirq(dev);
	device_unlock(dev);
	if (err)
		put_device(dev);
	else
		dev_info(dev, "asleep in D%d\n", to_pci_dev(dev)->current_state);
	return err;
}
module_init(suspend_one_init);

static void __exit suspend_one_exit(void)
{
	const struct dev_pm_ops *pm = pci_bus_type.pm;
	int err;

	device_lock(dev);
	err = pm->resume_noirq(dev);
	if (!err)
		err = pm->resume(dev);
	device_unlock(dev);
	dev_info(dev, "awake: %d\n", err);
	put_device(dev);
}
module_exit(suspend_one_exit);

MODULE_DESCRIPTION("Suspends one PCI device while loaded");
MODULE_LICENSE("GPL");
