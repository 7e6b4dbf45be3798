package dev.lathe.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;

/**
 * The sums of the sequences with numbers from {@code index << level}, so many as {@code 1 << level}.
 *
 * @param level how often two sums were added
 * @param index the place among the nodes of the level
 */
record SumNode(int level, long index, CalibrationSums sums) implements Serializable {
    long first() {
        return index << level;
    }

    long last() {
        return first() + (1L << level) - 1;
    }

    /** Of this and the node with which it has a parent. */
    SumNode parent(SumNode other) {
        boolean isLeft = (index & 1) == 0;
        return new SumNode(level + 1, index >> 1, isLeft ? sums.plus(other.sums) : other.sums.plus(sums));
    }

    /** For its way to the driver, whichever serializer Spark is told to use. */
    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream output = new ObjectOutputStream(bytes)) {
            output.writeObject(this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** What {@link #toBytes} wrote. */
    static SumNode of(byte[] bytes) {
        try (ObjectInputStream input = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return (SumNode) input.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("driver and executors have different versions of lathe-spark", e);
        }
    }
}
