// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probe, remove, module.
 */
#include <linux/interrupt.h>
#include <linux/module.h>

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

	adapter->reg = pci_ioremap_bar(pdev, QLGE_BAR_REGS);
	if (!adapter->reg) {
		err = -ENOMEM;
		goto free_netdev;
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
	adapter->cfg.rx_len = QLGE_RX_RING_DEF;
	adapter->cfg.tx_len = QLGE_TX_RING_DEF;
	err = netif_set_real_num_queues(netdev, adapter->cfg.channels,
					adapter->cfg.channels);
	if (err)
		goto free_irq;
	netif_carrier_off(netdev);
	err = register_netdev(netdev);
	if (err) {
		dev_err_probe(dev, err, "cannot register\n");
		goto free_irq;
	}
	netdev_info(netdev, "ISP%s, function %u, port %u, %pM, %u channels\n",
		    adapter->is_8012 ? "8012" : "8000", adapter->func,
		    adapter->port, addr, adapter->cfg.channels);
	return 0;

free_irq:
	pci_free_irq_vectors(pdev);
free_icb:
	qlge_dma_free(dev, &adapter->icb);
unmap_db:
	iounmap(adapter->db);
unmap_reg:
	iounmap(adapter->reg);
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
	cancel_work_sync(&adapter->reset_work);
	pci_free_irq_vectors(pdev);
	pci_clear_master(pdev);
	qlge_dma_free(&pdev->dev, &adapter->icb);
	iounmap(adapter->db);
	iounmap(adapter->reg);
	free_netdev(netdev);
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
}

/* DMA must not go on into the next kernel. */
static void qlge_shutdown(struct pci_dev *pdev)
{
	struct qlge_adapter *adapter = pci_get_drvdata(pdev);

	rtnl_lock();
	netif_device_detach(adapter->netdev);
	if (netif_running(adapter->netdev))
		dev_close(adapter->netdev);
	rtnl_unlock();
	pci_disable_device(pdev);
}

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
