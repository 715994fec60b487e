// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flash parameter block and the MAC address in it.
 */
#include "qlge.h"

static int qlge_flash_read(struct qlge_adapter *adapter, u32 word, __le32 *buf,
			   unsigned int n)
{
	unsigned int i;
	int err;

	err = qlge_sem_lock(adapter, SEM_FLASH);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		err = qlge_wait_reg(adapter, FLASH_ADDR, FLASH_ADDR_RDY,
				    FLASH_ADDR_ERR);
		if (err)
			break;
		qlge_write(adapter, FLASH_ADDR, (word + i) | FLASH_ADDR_R);
		err = qlge_wait_reg(adapter, FLASH_ADDR, FLASH_ADDR_RDY,
				    FLASH_ADDR_ERR);
		if (err)
			break;
		buf[i] = cpu_to_le32(qlge_read(adapter, FLASH_DATA));
	}
	qlge_sem_unlock(adapter, SEM_FLASH);
	return err;
}

/**
 * qlge_flash_block_size - length of the parameter block of a port
 * @adapter: adapter
 *
 * Return: bytes, a multiple of 4.
 */
unsigned int qlge_flash_block_size(const struct qlge_adapter *adapter)
{
	return adapter->is_8012 ? sizeof(struct qlge_flash_8012) :
				  sizeof(struct qlge_flash_8000);
}

/**
 * qlge_flash_read_block - read the parameter block of this port
 * @adapter: adapter; function and port are known
 * @block: result, qlge_flash_block_size() bytes
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_flash_read_block(struct qlge_adapter *adapter, __le32 *block)
{
	unsigned int words = qlge_flash_block_size(adapter) / 4;
	u32 first;

	if (adapter->is_8012)
		first = adapter->port * words;
	else
		first = adapter->port ? FUNC1_FLASH_OFFSET : FUNC0_FLASH_OFFSET;
	return qlge_flash_read(adapter, first, block, words);
}

/**
 * qlge_flash_valid - signature and checksum of a parameter block
 * @adapter: adapter
 * @block: what qlge_flash_read_block() has read
 *
 * Return: true if both are right.
 */
bool qlge_flash_valid(const struct qlge_adapter *adapter, const void *block)
{
	const __le16 *word = block;
	u16 sum = 0;
	size_t i;

	for (i = 0; i < qlge_flash_block_size(adapter) / 2; i++)
		sum += le16_to_cpu(word[i]);
	return !sum && !memcmp(block, adapter->is_8012 ? "8012" : "8000", 4);
}

/**
 * qlge_flash_read_mac - MAC address of this port
 * @adapter: adapter; function and port are known
 * @addr: result, ETH_ALEN bytes
 *
 * Blocks, checksum and the choice between the factory address and the one
 * that system firmware assigned: Documentation/hardware/flash-and-mac.rst.
 *
 * Context: process. Return: 0, -EINVAL for a bad block or address, or a
 * negative errno of the access.
 */
int qlge_flash_read_mac(struct qlge_adapter *adapter, u8 *addr)
{
	union {
		struct qlge_flash_8012 f8012;
		struct qlge_flash_8000 f8000;
		__le32 word[sizeof(struct qlge_flash_8000) / 4];
	} *flash;
	bool valid;
	int err;

	flash = kzalloc(sizeof(*flash), GFP_KERNEL);
	if (!flash)
		return -ENOMEM;
	err = qlge_flash_read_block(adapter, flash->word);
	valid = qlge_flash_valid(adapter, flash);
	if (adapter->is_8012)
		ether_addr_copy(addr, flash->f8012.mac_addr);
	else
		ether_addr_copy(addr, flash->f8000.data_type1 == 2 ?
				flash->f8000.mac_addr1 : flash->f8000.mac_addr);
	kfree(flash);
	if (err)
		return err;
	return valid && is_valid_ether_addr(addr) ? 0 : -EINVAL;
}
