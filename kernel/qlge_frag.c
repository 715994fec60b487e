// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page fragments of one ring: chunks, DMA mapping, reuse, and the stash that
 * the refill work fills.
 */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#include "qlge.h"

#define CREATE_TRACE_POINTS
#include "qlge_trace.h"

/*
 * Page references a ring takes at once. Every fragment that leaves gives one
 * away, so that no atomic is needed per frame.
 */
#define QLGE_CHUNK_BIAS		0x4000

__bpf_hook_start();

/**
 * qlge_rx_alloc_hook - fault injection point of chunk allocation
 * @ifindex: net device
 * @queue: receive queue
 * @bq: enum qlge_alloc_site
 * @atomic: 1 in NAPI, 0 in the refill work
 *
 * A BPF program of type fmod_ret may make an attempt fail, so that the
 * behaviour under memory shortage can be tested on kernels without
 * CONFIG_FAULT_INJECTION.
 *
 * Return: 0, or a negative errno to fail this attempt.
 */
noinline int qlge_rx_alloc_hook(int ifindex, u32 queue, u32 bq, u32 atomic)
{
	int ret = 0;

	/* The compiler must not fold the result into the caller. */
	barrier();
	OPTIMIZER_HIDE_VAR(ret);
	return ret;
}

__bpf_hook_end();

BTF_SET8_START(qlge_fmodret_ids)
BTF_ID_FLAGS(func, qlge_rx_alloc_hook)
BTF_SET8_END(qlge_fmodret_ids)

static const struct btf_kfunc_id_set qlge_fmodret_set = {
	.owner = THIS_MODULE,
	.set = &qlge_fmodret_ids,
};

/* The refill work helps when memory is short: it needs a rescuer. */
struct workqueue_struct *qlge_refill_wq;

/**
 * qlge_frag_module_init - workqueue and fault injection point
 *
 * Context: module init. Return: 0 or -ENOMEM.
 */
int qlge_frag_module_init(void)
{
	int err;

	qlge_refill_wq = alloc_workqueue("qlge_refill",
					 WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!qlge_refill_wq)
		return -ENOMEM;
	/* A module without BTF lacks the injection point and nothing else. */
	err = register_btf_fmodret_id_set(&qlge_fmodret_set);
	if (err)
		pr_info("qlge: no BPF injection point: %d\n", err);
	return 0;
}

/**
 * qlge_frag_module_exit - undo qlge_frag_module_init()
 *
 * Context: module exit, no adapter is left.
 */
void qlge_frag_module_exit(void)
{
	destroy_workqueue(qlge_refill_wq);
}

/*
 * Both contexts allocate here and nowhere else: fault injection by stack
 * filter wants one function's address range.
 */
static noinline struct page *qlge_chunk_alloc_pages(gfp_t gfp,
						    unsigned int order)
{
	gfp |= __GFP_NOWARN | __GFP_COMP;
	if (order)
		/* A wish: no long reclaim and no reserves for it. */
		gfp |= __GFP_NORETRY | __GFP_NOMEMALLOC;
	else if (gfpflags_allow_blocking(gfp))
		/* The work comes back; it must not call the OOM killer. */
		gfp |= __GFP_RETRY_MAYFAIL;
	else
		gfp |= __GFP_MEMALLOC;
	return alloc_pages(gfp, order);
}

static int qlge_mem_alloc_order(struct qlge_rx_ring *rx, gfp_t gfp,
				unsigned int order, struct qlge_mem *mem)
{
	struct page *page = qlge_chunk_alloc_pages(gfp, order);
	dma_addr_t dma;

	if (!page)
		return -ENOMEM;
	/* Bidirectional: XDP_TX sends from the mapping it arrived in. */
	dma = dma_map_page(rx->dev, page, 0, PAGE_SIZE << order,
			   DMA_BIDIRECTIONAL);
	if (dma_mapping_error(rx->dev, dma)) {
		__free_pages(page, order);
		return -ENOMEM;
	}
	mem->page = page;
	mem->dma = dma;
	mem->order = order;
	return 0;
}

/**
 * qlge_mem_alloc - allocate and map one chunk's worth of memory
 * @rx: ring it is for
 * @site: who asks, for traces and fault injection
 * @gfp: GFP_ATOMIC in NAPI, GFP_KERNEL elsewhere
 * @mem: result
 *
 * Tries order 3, then order 0; both together are one attempt.
 *
 * Context: any, as @gfp says. Return: 0 or -ENOMEM.
 */
int qlge_mem_alloc(struct qlge_rx_ring *rx, enum qlge_alloc_site site,
		   gfp_t gfp, struct qlge_mem *mem)
{
	struct net_device *netdev = rx->ch->adapter->netdev;

	if (qlge_rx_alloc_hook(netdev->ifindex, rx->ch->index, site,
			       !gfpflags_allow_blocking(gfp)) < 0)
		return -ENOMEM;

	if (!qlge_mem_alloc_order(rx, gfp, QLGE_CHUNK_ORDER, mem))
		return 0;
	return qlge_mem_alloc_order(rx, gfp, 0, mem);
}

/* Unmap, and drop @refs page references at once. */
static void qlge_mem_release(struct qlge_rx_ring *rx, struct qlge_mem *mem,
			     unsigned int refs)
{
	/* What the CPU needed it has synced, frame by frame. */
	dma_unmap_page_attrs(rx->dev, mem->dma, PAGE_SIZE << mem->order,
			     DMA_BIDIRECTIONAL, DMA_ATTR_SKIP_CPU_SYNC);
	__page_frag_cache_drain(mem->page, refs);
}

static void qlge_chunk_release(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			       struct qlge_chunk *chunk)
{
	DEBUG_NET_WARN_ON_ONCE(chunk->out);
	qlge_mem_release(rx, &chunk->mem, chunk->bias);
	chunk->mem.page = NULL;
	list_add(&chunk->node, &bq->free);
}

static struct qlge_chunk *qlge_chunk_new(struct qlge_bq *bq,
					 const struct qlge_mem *mem)
{
	struct qlge_chunk *chunk;

	/* There are as many as the queue can ever need (qlge_bq_alloc()). */
	chunk = list_first_entry(&bq->free, struct qlge_chunk, node);
	list_del(&chunk->node);
	chunk->mem = *mem;
	chunk->nfrags = (PAGE_SIZE << mem->order) / bq->frag_size;
	chunk->cut = 0;
	chunk->out = 0;
	chunk->pfmemalloc = page_is_pfmemalloc(mem->page);
	page_ref_add(mem->page, QLGE_CHUNK_BIAS - 1);
	chunk->bias = QLGE_CHUNK_BIAS;
	return chunk;
}

/* All fragments given away have been dropped: the page is ours alone. */
static bool qlge_chunk_is_home(const struct qlge_chunk *chunk)
{
	return page_ref_count(chunk->mem.page) == chunk->bias;
}

/**
 * qlge_chunk_retire - a chunk has no fragment left in the ring
 * @rx: ring
 * @bq: its queue
 * @chunk: the chunk, not the one being cut
 *
 * It is kept until what others hold of it comes home, unless its memory is
 * better used elsewhere.
 *
 * Context: NAPI, or the ring is stopped.
 */
void qlge_chunk_retire(struct qlge_rx_ring *rx, struct qlge_bq *bq,
		       struct qlge_chunk *chunk)
{
	if (chunk->pfmemalloc ||
	    page_to_nid(chunk->mem.page) != numa_mem_id()) {
		qlge_chunk_release(rx, bq, chunk);
		return;
	}
	if (bq->nretired == QLGE_RETIRED_MAX) {
		struct qlge_chunk *oldest;

		oldest = list_first_entry(&bq->retired, struct qlge_chunk,
					  node);
		list_del(&oldest->node);
		bq->nretired--;
		qlge_chunk_release(rx, bq, oldest);
	}
	list_add_tail(&chunk->node, &bq->retired);
	bq->nretired++;
}

/* References enough for every fragment to leave once. */
static void qlge_chunk_refer(struct qlge_chunk *chunk)
{
	if (chunk->bias <= chunk->nfrags) {
		page_ref_add(chunk->mem.page, QLGE_CHUNK_BIAS - chunk->bias);
		chunk->bias = QLGE_CHUNK_BIAS;
	}
}

/* The oldest retired chunk, if it is home; a pinned one goes to the back. */
static struct qlge_chunk *qlge_chunk_reuse(struct qlge_rx_ring *rx,
					   struct qlge_bq *bq)
{
	struct qlge_chunk *chunk;

	if (!bq->nretired)
		return NULL;
	chunk = list_first_entry(&bq->retired, struct qlge_chunk, node);
	if (!qlge_chunk_is_home(chunk)) {
		list_move_tail(&chunk->node, &bq->retired);
		return NULL;
	}
	list_del(&chunk->node);
	bq->nretired--;
	qlge_chunk_refer(chunk);
	chunk->cut = 0;
	/* The stack may have written anywhere in it. */
	dma_sync_single_for_device(rx->dev, chunk->mem.dma,
				   PAGE_SIZE << chunk->mem.order,
				   DMA_BIDIRECTIONAL);
	return chunk;
}

static bool qlge_stash_get(struct qlge_rx_ring *rx, struct qlge_mem *mem)
{
	struct qlge_stash *stash = &rx->stash;
	bool got = false;

	if (!READ_ONCE(stash->n))
		return false;
	/* Not only in NAPI: a ring that starts may need some as well. */
	spin_lock_bh(&stash->lock);
	if (stash->n) {
		WRITE_ONCE(stash->n, stash->n - 1);
		*mem = stash->mem[stash->n];
		got = true;
	}
	spin_unlock_bh(&stash->lock);
	return got;
}

/* A whole chunk, from wherever it costs least. */
static struct qlge_chunk *qlge_chunk_get(struct qlge_rx_ring *rx,
					 struct qlge_bq *bq, gfp_t gfp,
					 u64 *stat)
{
	struct qlge_chunk *chunk = qlge_chunk_reuse(rx, bq);
	struct qlge_mem mem;

	if (chunk) {
		stat[QLGE_RX_CHUNK_REUSE]++;
		return chunk;
	}
	if (qlge_stash_get(rx, &mem)) {
		stat[QLGE_RX_STASH_HITS]++;
		return qlge_chunk_new(bq, &mem);
	}
	if (rx->no_alloc)
		return NULL;
	if (!qlge_mem_alloc(rx, bq->site, gfp, &mem)) {
		stat[QLGE_RX_CHUNK_ALLOCS]++;
		return qlge_chunk_new(bq, &mem);
	}
	rx->no_alloc = true;
	stat[QLGE_RX_ALLOC_FAIL]++;
	trace_qlge_alloc_fail(rx->ch->adapter->netdev->ifindex, rx->ch->index,
			      bq->site, !gfpflags_allow_blocking(gfp),
			      qlge_bq_visible(bq));
	return NULL;
}

/**
 * qlge_chunk_next - a chunk to cut, when the one before is wholly cut
 * @rx: ring
 * @bq: its queue
 * @gfp: for a new chunk: GFP_ATOMIC in NAPI, GFP_KERNEL at start
 * @stat: counters of the ring to add to, QLGE_RX_NSTATS entries
 *
 * Order of preference: a chunk that has come home, the stash, a new chunk.
 * After one failed attempt no other is made before the flag no_alloc is
 * cleared, which bounds the work per poll.
 *
 * Context: NAPI, or the ring is stopped. Return: NULL if there is none.
 */
struct qlge_chunk *qlge_chunk_next(struct qlge_rx_ring *rx, struct qlge_bq *bq,
				   gfp_t gfp, u64 *stat)
{
	struct qlge_chunk *old = bq->cur;

	/* It retires when its last fragment is out. */
	bq->cur = NULL;
	if (old && !old->out)
		qlge_chunk_retire(rx, bq, old);
	bq->cur = qlge_chunk_get(rx, bq, gfp, stat);
	return bq->cur;
}

/**
 * qlge_frag_released - a program has cut a fragment off its frame
 * @frag: the fragment, still in the ring
 *
 * With it one page reference has gone, which was ours. But nobody has the
 * fragment: the caller may use it again as if nothing had happened.
 *
 * Context: NAPI.
 */
void qlge_frag_released(struct qlge_frag frag)
{
	DEBUG_NET_WARN_ON_ONCE(frag.chunk->bias <= 1);
	frag.chunk->bias--;
	qlge_chunk_refer(frag.chunk);
}

/**
 * qlge_bq_alloc - memory of one buffer queue, without buffers
 * @rx: ring
 * @bq: queue to set up
 * @len: entries, a power of two
 * @xdp_len: fragments that may be in the XDP_TX queue as well
 * @buf_len: bytes of frame per buffer
 * @site: which queue it is
 *
 * Context: process. Return: 0 or -ENOMEM; qlge_bq_free() undoes either.
 */
int qlge_bq_alloc(struct qlge_rx_ring *rx, struct qlge_bq *bq,
		  unsigned int len, unsigned int xdp_len, u16 buf_len,
		  enum qlge_alloc_site site)
{
	unsigned int i, nchunks;

	INIT_LIST_HEAD(&bq->retired);
	INIT_LIST_HEAD(&bq->free);
	bq->mask = len - 1;
	bq->low = max(len / 4, 2U * QLGE_BQ_STEP);
	bq->step = clamp(len / 8, QLGE_BQ_STEP, NAPI_POLL_WEIGHT);
	bq->buf_len = buf_len;
	bq->frag_size = QLGE_FRAG_SIZE(buf_len);
	bq->site = site;
	/* No more fragments than this can be out of chunks at a time. */
	bq->home_max = len + xdp_len + QLGE_MAX_FRAGS;
	/* Each of them from another chunk, the one being cut, the retired. */
	nchunks = bq->home_max + 1 + QLGE_RETIRED_MAX;

	bq->slot = kvcalloc(len, sizeof(*bq->slot), GFP_KERNEL);
	/* Always, so that binding a pool needs no memory for it. */
	bq->xsk = kvcalloc(len, sizeof(*bq->xsk), GFP_KERNEL);
	bq->home = kvcalloc(bq->home_max, sizeof(*bq->home), GFP_KERNEL);
	bq->chunks = kvcalloc(nchunks, sizeof(*bq->chunks), GFP_KERNEL);
	if (!bq->slot || !bq->xsk || !bq->home || !bq->chunks)
		return -ENOMEM;
	for (i = 0; i < nchunks; i++)
		list_add_tail(&bq->chunks[i].node, &bq->free);
	return 0;
}

/**
 * qlge_bq_free - release buffers and memory of a stopped queue
 * @rx: ring
 * @bq: queue, all of whose fragments are on the home stack
 *
 * Context: process.
 */
void qlge_bq_free(struct qlge_rx_ring *rx, struct qlge_bq *bq)
{
	struct qlge_chunk *chunk, *tmp;

	if (bq->chunks) {
		while (bq->nhome)
			qlge_frag_out(rx, bq, bq->home[--bq->nhome].chunk);
		if (bq->cur)
			qlge_chunk_release(rx, bq, bq->cur);
		bq->cur = NULL;
		list_for_each_entry_safe(chunk, tmp, &bq->retired, node) {
			list_del(&chunk->node);
			bq->nretired--;
			qlge_chunk_release(rx, bq, chunk);
		}
	}
	kvfree(bq->chunks);
	kvfree(bq->home);
	kvfree(bq->xsk);
	kvfree(bq->slot);
	bq->chunks = NULL;
	bq->home = NULL;
	bq->xsk = NULL;
	bq->slot = NULL;
}

/**
 * qlge_stash_fill - the refill work
 * @work: refill of a receive ring
 *
 * Allocates in process context what NAPI could not, puts it in the stash and
 * schedules NAPI. It touches neither ring nor NAPI state, so nothing that
 * stops a ring can deadlock with it. While memory is short it comes back
 * after 1 ms, doubling to QLGE_BACKOFF_MAX_MS.
 *
 * Context: process (workqueue).
 */
void qlge_stash_fill(struct work_struct *work)
{
	struct qlge_rx_ring *rx = container_of(to_delayed_work(work),
					       struct qlge_rx_ring, refill);
	int ifindex = rx->ch->adapter->netdev->ifindex;
	struct qlge_stash *stash = &rx->stash;
	unsigned int got = 0, next = 0;
	bool failed = false;

	/* NAPI has recovered by itself while this was waiting. */
	if (!READ_ONCE(rx->outage))
		return;

	atomic64_inc(&rx->refill_runs);
	while (READ_ONCE(stash->n) < QLGE_STASH_MAX) {
		struct qlge_mem mem;

		if (qlge_mem_alloc(rx, QLGE_SITE_STASH, GFP_KERNEL, &mem)) {
			atomic64_inc(&rx->refill_alloc_fail);
			trace_qlge_alloc_fail(ifindex, rx->ch->index,
					      QLGE_SITE_STASH, 0, 0);
			failed = true;
			break;
		}
		/* This work alone adds, so there still is room. */
		spin_lock_bh(&stash->lock);
		stash->mem[stash->n] = mem;
		WRITE_ONCE(stash->n, stash->n + 1);
		spin_unlock_bh(&stash->lock);
		got++;
	}
	if (failed && !got) {
		next = READ_ONCE(rx->backoff_ms) ?: 1;
		WRITE_ONCE(rx->backoff_ms, min(2 * next, QLGE_BACKOFF_MAX_MS));
	} else {
		WRITE_ONCE(rx->backoff_ms, 0);
	}
	trace_qlge_refill_run(ifindex, rx->ch->index, got, next != 0, next);
	/* NAPI may have asked again meanwhile, but it has to wait as well. */
	if (next && READ_ONCE(rx->outage))
		mod_delayed_work(qlge_refill_wq, &rx->refill,
				 msecs_to_jiffies(next));
	if (!READ_ONCE(stash->n))
		return;
	/* NAPI takes from the stash; if that is not enough it asks again. */
	local_bh_disable();
	napi_schedule(&rx->ch->napi);
	local_bh_enable();
}

/**
 * qlge_stash_free - release what NAPI never took
 * @rx: ring whose refill work is disabled
 *
 * Context: process.
 */
void qlge_stash_free(struct qlge_rx_ring *rx)
{
	while (rx->stash.n)
		qlge_mem_release(rx, &rx->stash.mem[--rx->stash.n], 1);
}
