package dev.lathe.model.cache;

import dev.lathe.model.CacheType;
import dev.lathe.tensor.kernel.CacheKernels;
import java.util.Optional;

/**
 * Makes pages.
 *
 * @param type how they store numbers
 * @param kernels what unpacks them
 * @param pool what keeps some of them in a file; empty if all stay in memory
 */
public record PageSource(CacheType type, CacheKernels kernels, Optional<PagePool> pool) {
    PageRef newPage(PageShape shape) {
        return pool.<PageRef>map(p -> p.hold(() -> KvPage.of(shape, type, kernels), KvPage.byteCount(shape, type)))
                .orElseGet(() -> new PageRef.Resident(KvPage.of(shape, type, kernels)));
    }
}
