package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.LaneBits;
import dev.lathe.tensor.kernel.TilePacking;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Packing of one format as machine code. The door to the code, which checks nothing itself. */
final class MachinePacking implements TilePacking {
    private static final int ROWS = IntegerPlane.ROWS;
    /** Rows whose lanes are the two halves of an int lie so far apart. */
    private static final int HIGH_ROWS = 16;
    /** Words of one call: as much as keeps a garbage collector waiting for some ten microseconds. */
    private static final int WORDS_OF_CALL = 2048;

    private final Target target;
    private final LaneBits bits;
    private final Routines pack;

    MachinePacking(Target target, LaneBits bits, CodeMemory memory) {
        this.target = target;
        this.bits = bits;
        pack = new Routines(0, _ -> new PackingCode(target, bits).pack(), memory);
    }

    @Override
    public boolean pack(MemorySegment rows, int rowBytes, MemorySegment tile) {
        int blocks = rowBytes / bits.blockBytes();
        int targetBytes = bits.words() * IntegerPlane.WORD_BYTES;
        if (rowBytes % bits.blockBytes() != 0 || tile.byteSize() != (long) blocks * targetBytes) {
            throw new IllegalArgumentException("rows of " + rowBytes + " bytes in blocks of " + bits.blockBytes()
                    + " do not become a tile of " + tile.byteSize());
        }
        Objects.checkFromIndexSize(0, (long) ROWS * rowBytes, rows.byteSize());
        int lanes = target.lanes();
        int[] offsets = new int[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            offsets[lane] = lane * rowBytes;
        }
        int[] wrong = new int[lanes];
        int together = Math.max(1, WORDS_OF_CALL / bits.words());
        for (int part = 0; part < IntegerPlane.WORD / lanes; part++) {
            int row = IntegerPlane.row(part * lanes);
            for (int block = 0; block < blocks; block += together) {
                pack.get(0)
                        .call(
                                rows.asSlice((long) row * rowBytes + block * bits.blockBytes()),
                                tile.asSlice((long) block * targetBytes + part * lanes * Integer.BYTES),
                                MemorySegment.ofArray(wrong),
                                MemorySegment.ofArray(offsets),
                                Math.min(together, blocks - block),
                                (long) HIGH_ROWS * rowBytes,
                                0,
                                0);
            }
        }
        int any = 0;
        for (int lane : wrong) {
            any |= lane;
        }
        return any == 0;
    }
}
