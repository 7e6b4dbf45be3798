package dev.lathe.tensor.store;

import java.lang.foreign.MemorySegment;

/** Where the tiles of some experts are, which stay there until this is closed. */
public interface ExpertTiles extends AutoCloseable {
    /** Tiles that are where the store said at first. */
    ExpertTiles UNMOVED = new ExpertTiles() {
        @Override
        public MemorySegment locate(int index, MemorySegment tiles) {
            return tiles;
        }

        @Override
        public void close() {
            // nothing was taken
        }
    };

    /**
     * Where tiles are now.
     *
     * @param index which of the experts that were asked for
     * @param tiles of that expert, as {@link WeightStore#tiles} handed them out
     */
    MemorySegment locate(int index, MemorySegment tiles);

    /** Lets others take the places. */
    @Override
    void close();
}
