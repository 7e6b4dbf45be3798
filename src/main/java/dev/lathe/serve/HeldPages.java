package dev.lathe.serve;

import dev.lathe.model.InferenceState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The pages that a state held when it was looked at. Immutable. */
final class HeldPages {
    static final HeldPages NONE = new HeldPages();

    private final List<Object> pages = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();
    private long byteCount; // those that others share included
    private long fingerprint; // of which pages they are

    private HeldPages() {}

    /** A page that will be there. */
    static HeldPages reserved(long bytes) {
        HeldPages held = new HeldPages();
        held.add(new Object(), bytes);
        return held;
    }

    /** Looks at a state, on the thread that uses it. */
    static HeldPages of(InferenceState state) {
        HeldPages held = new HeldPages();
        state.pages(held::add);
        return held;
    }

    private void add(Object page, long bytes) {
        pages.add(page);
        sizes.add(bytes);
        byteCount += bytes;
        fingerprint = 31 * fingerprint + System.identityHashCode(page);
    }

    long byteCount() {
        return byteCount;
    }

    boolean isSame(HeldPages other) {
        return fingerprint == other.fingerprint && pages.size() == other.pages.size();
    }

    /** Bytes of all pages, each counted once. */
    static long byteCount(Collection<HeldPages> all) {
        Map<Object, Boolean> counted = new IdentityHashMap<>();
        long bytes = 0;
        for (HeldPages held : all) {
            for (int i = 0; i < held.pages.size(); i++) {
                bytes += counted.put(held.pages.get(i), true) == null ? held.sizes.get(i) : 0;
            }
        }
        return bytes;
    }
}
