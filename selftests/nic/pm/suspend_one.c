// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspends one PCI device as the PM core would, through the callbacks of its
 * bus, and resumes it when the module is removed.  The whole guest cannot
 * sleep: the file system it runs from would not wake up.  Or shuts it down, as
 * before a reboot, after which only another probe brings it back.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>

static char *slot;
module_param(slot, charp, 0);
MODULE_PARM_DESC(slot, "name of the device, for instance 0000:01:00.0");

static bool shutdown;
module_param(shutdown, bool, 0);
MODULE_PARM_DESC(shutdown, "shut it down instead");

static struct device *dev;

static int __init suspend_one_init(void)
{
	const struct dev_pm_ops *pm = pci_bus_type.pm;
	int err;

	dev = slot ? bus_find_device_by_name(&pci_bus_type, NULL, slot) : NULL;
	if (!dev)
		return -ENODEV;
	device_lock(dev);
	if (shutdown) {
		pci_bus_type.shutdown(dev);
		device_unlock(dev);
		return 0;
	}
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
	if (shutdown) {
		/*
		 * Nobody is meant to remove the driver now, which gives the
		 * device up once more: the kernel counts.
		 */
		err = pci_enable_device_mem(to_pci_dev(dev));
		goto out;
	}
	err = pm->resume_noirq(dev);
	if (!err)
		err = pm->resume(dev);
out:
	device_unlock(dev);
	dev_info(dev, "awake: %d\n", err);
	put_device(dev);
}
module_exit(suspend_one_exit);

MODULE_DESCRIPTION("Suspends one PCI device while loaded, or shuts it down");
MODULE_LICENSE("GPL");
