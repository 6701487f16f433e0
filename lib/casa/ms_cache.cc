/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

#include <casacore/tables/DataMan/TiledStManAccessor.h>

#include <algorithm>

using namespace casacore;

namespace
{

int64_t tiles(int64_t n, int64_t tile)
{
    return (n + tile - 1) / tile;
}

/* Tiles of a hypercube (correlations, channels, rows) that reading as expected comes back to. */
int64_t wanted_tiles(const pc::Reading &r, const IPosition &cube, const IPosition &tile)
{
    const int64_t first = std::min<int64_t>(r.chan0, cube[1] - 1),
                  last = std::min<int64_t>(first + r.nchan, cube[1]) - 1;
    return tiles(cube[0], tile[0]) * (last / tile[1] - first / tile[1] + 1) *
           (1 + tiles(r.rows - 1, tile[2]));
}

/* Whether there is room for all of them. */
bool bound(ROTiledStManAccessor &a, const pc::Reading &r)
{
    constexpr uInt cache_mib = 64; /* while it is not known how it will be read */
    if (r.rows == 0) {
        a.setMaximumCacheSize(cache_mib);
        return false;
    }
    bool all = true;
    a.setMaximumCacheSize(0);
    for (uInt i = 0; i < a.nhypercubes(); i++) {
        const IPosition &cube = a.getHypercubeShape(i), &tile = a.getTileShape(i);
        if (cube.size() != 3 || tile.size() != 3 || cube.product() == 0)
            continue;
        const int64_t wanted = wanted_tiles(r, cube, tile);
        const int64_t room = std::clamp<int64_t>(r.limit_byte / a.getBucketSize(i), 1, 1 << 30);
        a.setHypercubeCacheSize(i, (uInt)std::min(wanted, room));
        all = all && wanted <= room;
    }
    return all;
}

} // namespace

/* casacore would keep all the tiles that a request touches. Columns that are not tiled have no such cache. */
void pc::bound_caches(pc_ms &m, const std::string &column)
{
    m.keeps_tiles = m.reading.rows > 0;
    for (const std::string &name :
         {column, std::string("FLAG"), std::string("WEIGHT_SPECTRUM"), std::string("WEIGHT")}) {
        if (!m.main.tableDesc().isColumn(name))
            continue;
        try {
            ROTiledStManAccessor a(m.main, name, True);
            m.keeps_tiles = bound(a, m.reading) && m.keeps_tiles;
        } catch (const AipsError &) {
            continue;
        }
    }
}

extern "C" void pc_ms_expect(struct pc_ms *ms, int chan0, int nchan, int64_t rows, int64_t limit_byte)
{
    struct pc_err ignored;
    ms->reading = {chan0, nchan, rows, limit_byte};
    (void)pc::guard(&ignored, "tiles", [&] {
        if (!ms->main.isNull())
            pc::bound_caches(*ms, ms->column);
    });
}
