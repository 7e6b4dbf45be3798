package dev.lathe.tensor.pack;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.LaneBits;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/**
 * Finds where the bits of a type's packed weights come from, by packing a few blocks: bit {@code i} of a block is
 * known by the blocks in which it is set, which are those whose number is a bit of {@code i + 1}. So {@link TilePacker} stays
 * the only description of packing.
 */
final class BlockProbe {
    /** Blocks that are packed both ways at last: formats of which some bit is no bit of the file show it in each. */
    private static final int CHECKS = 4;

    private final TensorType type;
    private final TileLayout layout;
    private final TilePacker packer;
    private final int[] tile;

    private BlockProbe(TensorType type, TileLayout layout) {
        this.type = type;
        this.layout = layout;
        packer = TilePacker.ofAnyScales(type, layout);
        tile = new int[(int) (layout.tileBytes(type.blockSize() / IntegerPlane.BLOCK) / Integer.BYTES)];
    }

    /** The bits of a type; empty if packing it is more than moving bits. */
    static Optional<LaneBits> find(TensorType type, TileLayout layout) {
        LaneBits bits = new BlockProbe(type, layout).bits();
        return Optional.of(bits).filter(found -> isRight(found, type, layout));
    }

    private static boolean isRight(LaneBits bits, TensorType type, TileLayout layout) {
        BlockProbe probe = new BlockProbe(type, layout);
        Random random = new Random(1);
        for (int check = 0; check < CHECKS; check++) {
            byte[] block = new byte[type.blockBytes()];
            random.nextBytes(block);
            int[] lanes = probe.lanes(block);
            for (int word = 0; word < lanes.length; word++) {
                if (lanes[word] != bits.lane(block, word)) {
                    return false;
                }
            }
        }
        return true;
    }

    private LaneBits bits() {
        int all = 8 * type.blockBytes();
        int[] constants = lanes(new byte[type.blockBytes()]);
        int[] sources = new int[constants.length * LaneBits.LANE];
        for (int digit = 0; 1 << digit <= all; digit++) {
            byte[] block = new byte[type.blockBytes()];
            for (int i = 0; i < all; i++) {
                block[i / 8] |= (byte) ((i + 1 >> digit & 1) << i % 8);
            }
            int[] lanes = lanes(block);
            for (int i = 0; i < sources.length; i++) {
                int word = i / LaneBits.LANE;
                sources[i] |= ((lanes[word] ^ constants[word]) >> i % LaneBits.LANE & 1) << digit;
            }
        }
        for (int i = 0; i < sources.length; i++) {
            sources[i] = Math.min(sources[i], all) - 1; // none where nothing changed it
        }
        return new LaneBits(type.blockBytes(), constants.length, sources, constants, finite(constants.length), false);
    }

    /** The lanes of a block's words. */
    private int[] lanes(byte[] block) {
        Arrays.fill(tile, 0);
        packer.pack(block, 0, tile);
        int[] lanes = new int[tile.length / IntegerPlane.WORD];
        for (int word = 0; word < lanes.length; word++) {
            lanes[word] = tile[word * IntegerPlane.WORD] & 0xffff;
        }
        return lanes;
    }

    /** The words that are scales in half precision. */
    private boolean[] finite(int words) {
        boolean[] finite = new boolean[words];
        ScalePlane scales = layout.scales();
        if (scales.superWords() > 0) {
            Arrays.fill(finite, 0, scales.superWords(), true);
        } else if (scales != ScalePlane.BRAIN_SCALE) {
            for (int block = 0; block < type.blockSize() / IntegerPlane.BLOCK; block++) {
                int first = (int) (layout.scalesOffset(block) / IntegerPlane.WORD_BYTES);
                Arrays.fill(finite, first, first + scales.blockWords(), true);
            }
        }
        return finite;
    }
}
