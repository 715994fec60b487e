// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probe, remove, power, PCI errors, module.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pm.h>

#include "qlge.h"

static int qlge_dma_mask(struct pci_dev *pdev)
{
	if (!dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64)))
		return 0;
	return dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
}

/* Once, at probe, so that what the user changes later stays. */
static void qlge_irq_spread(struct qlge_adapter *adapter)
{
	int node = dev_to_node(&adapter->pdev->dev);
	unsigned int i;

	for (i = 0; adapter->nvec > 1 && i < adapter->max_channels; i++)
		irq_set_affinity(pci_irq_vector(adapter->pdev, i + 1),
				 cpumask_of(cpumask_local_spread(i, node)));
}

static int qlge_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	struct qlge_adapter *adapter;
	struct net_device *netdev;
	u8 addr[ETH_ALEN];
	int err;

	err = pci_enable_device_mem(pdev);
	if (err)
		return dev_err_probe(dev, err, "cannot enable device\n");
	if (pci_resource_len(pdev, QLGE_BAR_REGS) < QLGE_REGS_SIZE ||
	    pci_resource_len(pdev, QLGE_BAR_DOORBELLS) < QLGE_DOORBELL_SIZE) {
		err = dev_err_probe(dev, -ENODEV, "BARs are too small\n");
		goto disable;
	}
	err = pci_request_mem_regions(pdev, QLGE_NAME);
	if (err) {
		dev_err_probe(dev, err, "cannot claim BARs\n");
		goto disable;
	}
	/* The known drivers ask for 4096; only throughput depends on it. */
	if (pci_is_pcie(pdev))
		pcie_set_readrq(pdev, 4096);
	err = qlge_dma_mask(pdev);
	if (err) {
		dev_err_probe(dev, err, "no usable DMA mask\n");
		goto release;
	}
	netdev = qlge_netdev_alloc(pdev);
	if (!netdev) {
		err = -ENOMEM;
		goto release;
	}
	adapter = netdev_priv(netdev);
	pci_set_drvdata(pdev, adapter);
	err = qlge_devlink_alloc(adapter);
	if (err)
		goto free_netdev;

	adapter->reg = pci_ioremap_bar(pdev, QLGE_BAR_REGS);
	if (!adapter->reg) {
		err = -ENOMEM;
		goto free_devlink;
	}
	adapter->db = pci_ioremap_bar(pdev, QLGE_BAR_DOORBELLS);
	if (!adapter->db) {
		err = -ENOMEM;
		goto unmap_reg;
	}
	err = qlge_read_port(adapter);
	if (err) {
		dev_err_probe(dev, err, "cannot read the function map\n");
		goto unmap_db;
	}
	err = qlge_flash_read_mac(adapter, addr);
	if (err) {
		dev_err_probe(dev, err, "flash has no valid parameters\n");
		goto unmap_db;
	}
	eth_hw_addr_set(netdev, addr);
	ether_addr_copy(netdev->perm_addr, addr);

	err = qlge_dma_alloc(dev, &adapter->icb, sizeof(struct qlge_ricb));
	if (err)
		goto unmap_db;
	err = qlge_irq_alloc(adapter);
	if (err) {
		dev_err_probe(dev, err, "no interrupt vector\n");
		goto free_icb;
	}
	qlge_irq_spread(adapter);
	adapter->cfg.channels = adapter->max_channels;
	err = netif_set_real_num_queues(netdev, adapter->cfg.channels,
					adapter->cfg.channels);
	if (err)
		goto free_irq;
	netif_carrier_off(netdev);
	/* Before the interface, which reports to it as soon as it is up. */
	err = qlge_devlink_register(adapter);
	if (err) {
		dev_err_probe(dev, err, "cannot register with devlink\n");
		goto free_irq;
	}
	err = register_netdev(netdev);
	if (err) {
		dev_err_probe(dev, err, "cannot register\n");
		goto unregister_devlink;
	}
	/* What a slot reset has to bring back. */
	pci_save_state(pdev);
	netdev_info(netdev, "ISP%s, function %u, port %u, %pM, %u channels\n",
		    adapter->is_8012 ? "8012" : "8000", adapter->func,
		    adapter->port, addr, adapter->cfg.channels);
	return 0;

unregister_devlink:
	qlge_devlink_unregister(adapter);
free_irq:
	pci_free_irq_vectors(pdev);
free_icb:
	qlge_dma_free(dev, &adapter->icb);
unmap_db:
	iounmap(adapter->db);
unmap_reg:
	iounmap(adapter->reg);
free_devlink:
	qlge_devlink_free(adapter);
free_netdev:
	free_netdev(netdev);
release:
	pci_release_mem_regions(pdev);
disable:
	pci_disable_device(pdev);
	return err;
}

static void qlge_remove(struct pci_dev *pdev)
{
	struct qlge_adapter *adapter = pci_get_drvdata(pdev);
	struct net_device *netdev = adapter->netdev;

	unregister_netdev(netdev);
	/* It takes RTNL and then finds nothing to reset. */
	disable_work_sync(&adapter->reset_work);
	qlge_devlink_unregister(adapter);
	pci_free_irq_vectors(pdev);
	pci_clear_master(pdev);
	qlge_dma_free(&pdev->dev, &adapter->icb);
	iounmap(adapter->db);
	iounmap(adapter->reg);
	qlge_devlink_free(adapter);
	free_netdev(netdev);
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
}

/*
 * Somebody else will reset the device or take its power. Until
 * qlge_continue() nothing reaches for it. Context: device lock.
 */
static void qlge_pause(struct qlge_adapter *adapter, bool drain)
{
	if (!netif_device_present(adapter->netdev))
		return;
	/* Not under RTNL, which it takes; its dumps do without. */
	disable_work_sync(&adapter->reset_work);
	qlge_detach(adapter, drain);
}

static int qlge_continue(struct qlge_adapter *adapter)
{
	if (netif_device_present(adapter->netdev))
		return 0;
	/* Restoring the state has used it up. */
	pci_save_state(adapter->pdev);
	enable_work(&adapter->reset_work);
	return qlge_attach(adapter);
}

/* Wake on LAN comes after the function reset; going to sleep does not fail. */
static void qlge_arm(struct qlge_adapter *adapter)
{
	int err;

	if (test_bit(QLGE_F_GONE, &adapter->flags))
		return;
	err = qlge_wol_arm(adapter);
	if (err)
		dev_warn(&adapter->pdev->dev, "cannot arm wake on LAN: %d\n",
			 err);
}

/* DMA must not go on into the next kernel. */
static void qlge_shutdown(struct pci_dev *pdev)
{
	struct qlge_adapter *adapter = pci_get_drvdata(pdev);

	qlge_pause(adapter, true);
	qlge_arm(adapter);
	pci_disable_device(pdev);
	if (system_state == SYSTEM_POWER_OFF) {
		pci_wake_from_d3(pdev, adapter->wol);
		pci_set_power_state(pdev, PCI_D3hot);
	}
}

/* The PCI core saves the configuration and chooses the power state. */
static int qlge_suspend(struct device *dev)
{
	struct qlge_adapter *adapter = dev_get_drvdata(dev);

	qlge_pause(adapter, true);
	qlge_arm(adapter);
	return 0;
}

static int qlge_resume(struct device *dev)
{
	return qlge_continue(dev_get_drvdata(dev));
}

static DEFINE_SIMPLE_DEV_PM_OPS(qlge_pm_ops, qlge_suspend, qlge_resume);

/* Somebody resets the function, for instance through sysfs. */
static void qlge_reset_prepare(struct pci_dev *pdev)
{
	qlge_pause(pci_get_drvdata(pdev), true);
}

static void qlge_reset_done(struct pci_dev *pdev)
{
	/* The interface is closed if it does not start: nobody else to tell. */
	qlge_continue(pci_get_drvdata(pdev));
}

static pci_ers_result_t qlge_error_detected(struct pci_dev *pdev,
					    pci_channel_state_t state)
{
	struct qlge_adapter *adapter = pci_get_drvdata(pdev);

	if (state == pci_channel_io_normal) {
		/*
		 * The link works, but some access was lost and nothing says
		 * what it was: a function reset makes that good.
		 */
		qlge_schedule_reset(adapter, QLGE_RESET_PCI);
		return PCI_ERS_RESULT_CAN_RECOVER;
	}
	/* No access would reach it. */
	set_bit(QLGE_F_GONE, &adapter->flags);
	qlge_pause(adapter, false);
	return state == pci_channel_io_perm_failure ?
	       PCI_ERS_RESULT_DISCONNECT : PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t qlge_slot_reset(struct pci_dev *pdev)
{
	struct qlge_adapter *adapter = pci_get_drvdata(pdev);

	pci_restore_state(pdev);
	/* Another function wanted it after an error that left us running. */
	qlge_pause(adapter, false);
	if (qlge_gone(adapter, qlge_read(adapter, STS)))
		return PCI_ERS_RESULT_DISCONNECT;
	return PCI_ERS_RESULT_RECOVERED;
}

static void qlge_error_resume(struct pci_dev *pdev)
{
	qlge_continue(pci_get_drvdata(pdev));
}

static const struct pci_error_handlers qlge_err_handler = {
	.error_detected	= qlge_error_detected,
	.slot_reset	= qlge_slot_reset,
	.resume		= qlge_error_resume,
	.reset_prepare	= qlge_reset_prepare,
	.reset_done	= qlge_reset_done,
};

static const struct pci_device_id qlge_pci_tbl[] = {
	{ PCI_DEVICE(QLGE_VENDOR_ID, QLGE_DEVICE_ID_8012) },
	{ PCI_DEVICE(QLGE_VENDOR_ID, QLGE_DEVICE_ID_8000) },
	{ }
};
MODULE_DEVICE_TABLE(pci, qlge_pci_tbl);

static struct pci_driver qlge_driver = {
	.name		= QLGE_NAME,
	.id_table	= qlge_pci_tbl,
	.probe		= qlge_probe,
	.remove		= qlge_remove,
	.shutdown	= qlge_shutdown,
	.err_handler	= &qlge_err_handler,
	.driver.pm	= pm_sleep_ptr(&qlge_pm_ops),
};

static int __init qlge_init_module(void)
{
	int err;

	err = qlge_frag_module_init();
	if (err)
		return err;
	err = pci_register_driver(&qlge_driver);
	if (err)
		qlge_frag_module_exit();
	return err;
}
module_init(qlge_init_module);

static void __exit qlge_exit_module(void)
{
	pci_unregister_driver(&qlge_driver);
	qlge_frag_module_exit();
}
module_exit(qlge_exit_module);

MODULE_DESCRIPTION("QLogic ISP8xxx 10 GbE driver");
MODULE_LICENSE("GPL");
