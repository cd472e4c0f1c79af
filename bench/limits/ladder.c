/* The limit of the book benchmark: the same rules on the simplest layout that C allows.
 *
 * One price-time ladder for both sides, 65,536 prices, a two-level bitmap, orders in one array by their id. No pages, no
 * accounts, no checks. Every fill writes one event of eight words into a ring, as the engine does. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PRICES = 1 << 16, WORDS = PRICES / 64, RING = 1 << 12 };
typedef struct { int64_t lots; int32_t price, next, previous, side; } order;
typedef struct { int32_t head, tail; int64_t lots; } level;
typedef struct {
    int64_t best[2], filled, fills;
    uint64_t used[WORDS], summary[WORDS / 64];
    level levels[PRICES];
    int64_t ring[RING][8];
    order orders[];
} book;

book *ladder_new(int64_t ids) {
    book *b = calloc(1, sizeof(book) + (size_t)ids * sizeof(order));
    b->best[0] = -1;
    b->best[1] = PRICES;
    for (int k = 0; k < PRICES; k++) b->levels[k].head = b->levels[k].tail = -1;
    for (int64_t k = 0; k < ids; k++) b->orders[k].side = -1;
    return b;
}

void ladder_free(book *b) { free(b); }
int64_t ladder_filled(const book *b) { return b->filled; }
int64_t ladder_fills(const book *b) { return b->fills; }

static int64_t above(const book *b, int64_t price) {
    if (price >= PRICES) return PRICES;
    int64_t w = price >> 6;
    uint64_t x = b->used[w] >> (price & 63);
    if (x) return price + __builtin_ctzll(x);
    for (int64_t first = w + 1; first < WORDS; first = ((first >> 6) + 1) << 6) {
        x = b->summary[first >> 6] >> (first & 63);
        if (x) {
            w = first + __builtin_ctzll(x);
            return (w << 6) + __builtin_ctzll(b->used[w]);
        }
    }
    return PRICES;
}

static int64_t below(const book *b, int64_t price) {
    if (price < 0) return -1;
    int64_t w = price >> 6;
    uint64_t x = b->used[w] << (63 - (price & 63));
    if (x) return price - __builtin_clzll(x);
    for (int64_t last = w - 1; last >= 0; last = ((last >> 6) << 6) - 1) {
        x = b->summary[last >> 6] << (63 - (last & 63));
        if (x) {
            w = last - __builtin_clzll(x);
            return (w << 6) + 63 - __builtin_clzll(b->used[w]);
        }
    }
    return -1;
}

static void empty(book *b, int64_t price, int side) {
    b->used[price >> 6] &= ~(1ull << (price & 63));
    if (!b->used[price >> 6]) b->summary[price >> 12] &= ~(1ull << ((price >> 6) & 63));
    if (price == b->best[side]) b->best[side] = side ? above(b, price + 1) : below(b, price - 1);
}

static int64_t sweep(book *b, int side, int64_t lots, int64_t limit, int64_t taker) {
    int other = 1 - side;
    while (lots > 0) {
        int64_t price = b->best[other];
        if (side ? (price < 0 || price < limit) : (price >= PRICES || price > limit)) break;
        level *l = &b->levels[price];
        while (lots > 0 && l->head >= 0) {
            order *o = &b->orders[l->head];
            int64_t done = o->lots < lots ? o->lots : lots;
            int64_t *e = b->ring[b->fills++ & (RING - 1)];
            e[0] = 2; e[1] = l->head; e[2] = taker; e[3] = side; e[4] = done; e[5] = price; e[6] = lots; e[7] = b->filled;
            b->filled += done;
            lots -= done;
            l->lots -= done;
            o->lots -= done;
            if (o->lots) break;
            o->side = -1;
            l->head = o->next;
            if (l->head >= 0) b->orders[l->head].previous = -1; else l->tail = -1;
        }
        if (l->head < 0) empty(b, price, other);
    }
    return lots;
}

static void rest(book *b, int64_t id, int side, int64_t price, int64_t lots) {
    level *l = &b->levels[price];
    b->orders[id] = (order){lots, (int32_t)price, -1, l->tail, side};
    l->lots += lots;
    if (l->tail >= 0) b->orders[l->tail].next = (int32_t)id;
    else {
        l->head = (int32_t)id;
        b->used[price >> 6] |= 1ull << (price & 63);
        b->summary[price >> 12] |= 1ull << ((price >> 6) & 63);
        if (side ? price < b->best[1] : price > b->best[0]) b->best[side] = price;
    }
    l->tail = (int32_t)id;
}

static void cancel(book *b, int64_t id) {
    order *o = &b->orders[id];
    if (o->side < 0) return;
    level *l = &b->levels[o->price];
    l->lots -= o->lots;
    if (o->previous >= 0) b->orders[o->previous].next = o->next; else l->head = o->next;
    if (o->next >= 0) b->orders[o->next].previous = o->previous; else l->tail = o->previous;
    if (l->head < 0) empty(b, o->price, o->side);
    o->side = -1;
}

/* events of five words: kind (0 add, 1 cancel, 2 sweep), side (0 buy), price, lots, id */
void ladder_run(book *b, const int64_t *events, int64_t count) {
    for (const int64_t *e = events; count-- > 0; e += 5) {
        int side = (int)e[1];
        if (e[0] == 1) cancel(b, e[4]);
        else if (e[0] == 2) sweep(b, side, e[3], side ? 0 : PRICES - 1, e[4]);
        else {
            int64_t left = sweep(b, side, e[3], e[2], e[4]);
            if (left > 0) rest(b, e[4], side, e[2], left);
        }
    }
}
