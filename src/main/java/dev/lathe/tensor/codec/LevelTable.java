package dev.lathe.tensor.codec;

import java.util.Arrays;

/** Finds the nearest level of a number; the levels that encoders write are ascending integers. */
final class LevelTable {
    private final int firstCode;
    private final float[] levels;
    private final byte[] indexOfCell; // for each half of a unit from the lowest level on: the nearest level

    LevelTable(BlockLayout layout) {
        firstCode = layout.firstCode();
        levels = Arrays.copyOfRange(layout.levels(), firstCode, layout.lastCode() + 1);
        indexOfCell = new byte[2 * (int) (highest() - lowest()) + 1];
        int index = 0;
        for (int cell = 0; cell < indexOfCell.length; cell++) {
            while (index + 1 < levels.length && cell >= levels[index] + levels[index + 1] - 2 * lowest()) {
                index++;
            }
            indexOfCell[cell] = (byte) index;
        }
    }

    float lowest() {
        return levels[0];
    }

    float highest() {
        return levels[levels.length - 1];
    }

    /** The mean distance of levels. */
    float spacing() {
        return (highest() - lowest()) / (levels.length - 1);
    }

    /** The index of the level nearest to a number. */
    int nearest(float number) {
        int cell = (int) (2 * (number - levels[0]));
        return indexOfCell[Math.clamp(cell, 0, indexOfCell.length - 1)] & 0xff;
    }

    float level(int index) {
        return levels[index];
    }

    /** The code of the level with an index. */
    byte code(int index) {
        return (byte) (firstCode + index);
    }
}
