#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# compat.sh CC FLAG...: prints the header qlge_probes.h, which says what the
# kernel with this compiler and these flags has.  Each answer comes from
# compiling one use: stable kernels take over newer interfaces, so that a
# version number says nothing.

set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

echo '/* SPDX-License-Identifier: GPL-2.0-only */'
echo '/* Made by compat.sh. */'

# NOTHING has to compile: else it is the flags, not the kernel, that make the
# others fail.
while IFS='|' read -r name header code; do
	cat >"$tmp/probe.c" <<-PROBE
		#include <linux/netdevice.h>
		#include <$header>
		static inline void probe(void) { $code; }
	PROBE
	rc=0
	"$@" -fsyntax-only "$tmp/probe.c" >"$tmp/log" 2>&1 </dev/null || rc=$?
	if [ "$rc" = 0 ]; then
		[ "$name" = NOTHING ] || echo "#define QLGE_HAVE_$name 1"
	elif [ "$rc" != 1 ] || [ "$name" = NOTHING ]; then
		echo "compat.sh: probe $name went wrong:" >&2
		cat "$tmp/log" >&2
		exit 1
	fi
done <<'PROBES'
NOTHING|linux/ethtool.h|
DFL_WQ|linux/workqueue.h|(void)system_dfl_wq
RX_RING_COUNT|linux/ethtool.h|(void)((struct ethtool_ops *)0)->get_rx_ring_count
NAPI_CONFIG|linux/netdevice.h|netif_napi_add_config((struct net_device *)0, (struct napi_struct *)0, (int (*)(struct napi_struct *, int))0, 0)
HEALTH_PERIOD|net/devlink.h|(void)((struct devlink_health_reporter_ops *)0)->default_graceful_period
XDP_FRAGS_INFO|net/xdp.h|xdp_update_skb_frags_info((struct sk_buff *)0, 0, 0, 0, xdp_buff_get_skb_flags((struct xdp_buff *)0))
XSK_META_POOL|net/xdp_sock_drv.h|xsk_tx_metadata_request((struct xsk_buff_pool *)0, (struct xsk_tx_metadata **)0, (struct xsk_tx_metadata_ops *)0, (void *)0)
XSK_FRAG_HEAD|net/xdp_sock_drv.h|(void)xsk_buff_add_frag((struct xdp_buff *)0, (struct xdp_buff *)0)
PROBES
