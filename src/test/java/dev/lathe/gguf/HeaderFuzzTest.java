package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.lathe.tensor.TensorType;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Mutates a header that has everything: {@code -Dlathe.fuzz=N} sets how often. */
class HeaderFuzzTest {
    private static final int ROUNDS = Integer.getInteger("lathe.fuzz", 20_000);

    /** The first use of any code allocates for its classes. */
    private static final int WARM_UP_ROUNDS = 1000;

    private static final long[] TELLING_NUMBERS = {
        0,
        1,
        2,
        8,
        9,
        13,
        31,
        32,
        33,
        0x7F,
        0xFF,
        0xFFFF,
        0x7FFF_FFFFL,
        0x8000_0000L,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 60,
        1L << 61,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
    };

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void aMutatedHeaderIsReadOrRefusedAtLittleCost() {
        byte[] original = original();
        Random random = new Random(20_251_124);
        int accepted = 0;
        long mostAllocated = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] mutant = original;
            for (int i = random.nextInt(4); i >= 0; i--) {
                mutant = mutate(mutant, random);
            }
            // the declared size of the file may be far larger than what is read of it
            long fileByteCount = random.nextInt(8) == 0 ? 1L << 40 : mutant.length;
            if (round == WARM_UP_ROUNDS) {
                mostAllocated = 0;
            }
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                Header header = GgufBytes.read(mutant, fileByteCount);
                mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - before);
                accepted++;
                checkReadsBack(header);
            } catch (GgufException refused) {
                mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - before);
                assertTrue(refused.byteOffset() >= 0 && refused.byteOffset() <= mutant.length, refused.getMessage());
            } catch (RuntimeException | Error unexpected) {
                throw new AssertionError("round " + round + " of " + ROUNDS, unexpected);
            }
        }
        assertTrue(accepted > ROUNDS / 100 && accepted < ROUNDS / 2, "accepted " + accepted + " of " + ROUNDS);
        assertTrue(mostAllocated < 512 * 1024, "one reading allocated " + mostAllocated + " bytes");
    }

    private static void checkReadsBack(Header header) {
        byte[] bytes = HeaderWriter.write(header.metadata(), header.tensors());
        Header again = GgufBytes.read(bytes, bytes.length + (1L << 50));
        assertEquals(header.metadata(), again.metadata());
        assertEquals(header.tensors(), again.tensors());
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        if (bytes.length < 16) {
            return bytes;
        }
        int at = random.nextInt(bytes.length - 8);
        byte[] mutant = bytes.clone();
        ByteBuffer view = ByteBuffer.wrap(mutant).order(ByteOrder.LITTLE_ENDIAN);
        long number = TELLING_NUMBERS[random.nextInt(TELLING_NUMBERS.length)];
        switch (random.nextInt(8)) {
            case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> mutant[at] = (byte) random.nextInt();
            case 2 -> view.putInt(at, (int) number);
            case 3 -> view.putLong(at, number);
            case 4 -> view.putLong(at, view.getLong(at) + random.nextInt(17) - 8);
            case 5 -> {
                return Arrays.copyOf(mutant, at);
            }
            case 6 -> { // remove some bytes
                int to = at + random.nextInt(9);
                System.arraycopy(mutant, to, mutant, at, mutant.length - to);
                return Arrays.copyOf(mutant, mutant.length - (to - at));
            }
            default -> { // copy some bytes over others
                int from = random.nextInt(mutant.length);
                int count = random.nextInt(Math.min(64, mutant.length - Math.max(from, at)) + 1);
                System.arraycopy(bytes, from, mutant, at, count);
            }
        }
        return mutant;
    }

    private static byte[] original() {
        GgufBytes bytes = GgufBytes.start(3, 3, 17)
                .key("general.architecture", MetadataType.STRING)
                .string("llama")
                .key("general.alignment", MetadataType.UINT32)
                .u32(32)
                .array("tokens", MetadataType.STRING, 4)
                .string("a")
                .string("")
                .string("▁the")
                .string("😀")
                .array("nested", MetadataType.ARRAY, 2)
                .u32(MetadataType.ARRAY.ordinal())
                .u64(1)
                .u32(MetadataType.STRING.ordinal())
                .u64(1)
                .string("x")
                .u32(MetadataType.BOOL.ordinal())
                .u64(2)
                .u8(1)
                .u8(0);
        for (MetadataType type : MetadataType.values()) {
            bytes.key("scalar." + type, type).zeros(type.smallestBytes());
        }
        return bytes.tensor("token_embd.weight", TensorType.Q4_0.id(), 0, 32, 4)
                .tensor("output_norm.weight", TensorType.F32.id(), 96, 32)
                .tensor("four.axes", TensorType.F16.id(), 224, 2, 2, 2, 2)
                .pad()
                .zeros(256)
                .toArray();
    }
}
