/* SPDX-License-Identifier: GPL-2.0-only */
/* What changed in QEMU's interfaces between 7.2 and 10. */
#ifndef QLGE_QEMU_COMPAT_H
#define QLGE_QEMU_COMPAT_H

#define QLGE_QEMU_VERSION	(QEMU_VERSION_MAJOR * 100 + QEMU_VERSION_MINOR)

#if QLGE_QEMU_VERSION >= 1000
#include "system/runstate.h"
#define QLGE_PROPERTY_CONST	const
#define QLGE_PROPERTIES_END
#else
#include "sysemu/runstate.h"
#define QLGE_PROPERTY_CONST
#define QLGE_PROPERTIES_END	DEFINE_PROP_END_OF_LIST()
#endif

#if QLGE_QEMU_VERSION >= 1001
#define QLGE_CLASS_CONST	const
#else
#define QLGE_CLASS_CONST
#endif

#if QLGE_QEMU_VERSION < 902
static inline void device_class_set_legacy_reset(DeviceClass *dc,
						 DeviceReset reset)
{
	dc->reset = reset;
}
#endif

#endif
