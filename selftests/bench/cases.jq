# SPDX-License-Identifier: GPL-2.0-only
#
# Runs of guest.sh, an array, to the cases of bench.json.

def median: sort | .[length / 2 | floor];
def round3: . * 1000 | round / 1000;

# What goes out without anything coming in: polls return no packets.
def only_sends: (.mode == "skb" and .action != "rx") or
		(.mode == "zerocopy" and .action == "tx");

# The work of others belongs to a frame that leaves: completions on the other
# port, and in interrupts.
def insn:
	if .mode == "skb" and .action != "rx" then
		.busy / .n
	elif .mode == "zerocopy" and .action == "tx" then
		# A poll that only sends returns no packet.
		(.polls.ns + .irqs.ns) / .n
	else
		(if .full.calls > 0 then .full else .polls end |
		 .ns / .packets) +
		if .action | test("^(tx|redirect)") then
			(.irqs.ns + .peer_irqs.ns + .peer_polls.ns) /
			.polls.packets
		else 0 end
	end;

# A device may have lost some.
def packets: if .polls.packets > 0 and (only_sends | not)
	     then .polls.packets else .n end;

map(select(.mode != "warm")) |
# In the order in which they ran.
to_entries | group_by([.value | .driver, .mode, .action, .bytes]) |
sort_by(.[0].key) | map(
	map(.value) |
	map(select(.counts == 1)) as $counted |
	map(select(.counts == 0)) as $timed |
	# Without both the case has failed.
	select(($counted | length) > 0 and ($timed | length) > 0) |
	($timed | map(insn)) as $insn |
	.[0] | {
	driver, mode, action,
	frame_bytes: (if .action == "stream" then 1048576 else .bytes end),
	insn_per_packet: ($insn | median | round),
	mmio_per_packet: (if .mmio == null then null else
		($timed | map(.mmio / packets) | median | round3) end),
	allocs_per_packet: ($counted | map(.allocs / packets) | median | round3),
	dma_maps_per_packet: ($counted | map(.maps / packets) | median | round3),
	spread_percent: ((($insn | max) - ($insn | min)) * 100 /
		($insn | median) | round3)
}) | {kernel: $kernel, cases: .}
