package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.tensor.kernel.machine.CallList.Base;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CallListTest {
    private static final Base[] ARRAYS = {Base.FIRST, Base.SECOND, Base.THIRD};

    /** Sums of vectors in three arrays and outside of the heap, each of which reads what those before it wrote. */
    @Test
    void callsAreMadeInOrderWhereverTheirArgumentsLie() {
        assumeTrue(CallListTest.class.getModule().isNativeAccessEnabled(), "no machine code here");
        Random random = new Random(3);
        try (Arena arena = Arena.ofConfined()) {
            MachineCode add = new CodeMemory(arena).install(new ElementwiseCode(false).add());
            CallList list = new CallList(new CodeMemory(arena).install(CallList.code()));
            float[][] expected = new float[4][8 * 50];
            MemorySegment outside = arena.allocate(4L * 8 * 50, 4);
            float[][] actual = new float[3][8 * 50];
            for (int array = 0; array < 4; array++) {
                for (int i = 0; i < expected[array].length; i++) {
                    expected[array][i] = random.nextFloat();
                    if (array < 3) {
                        actual[array][i] = expected[array][i];
                    } else {
                        outside.setAtIndex(ValueLayout.JAVA_FLOAT, i, expected[array][i]);
                    }
                }
            }
            for (int turn = 0; turn < 2; turn++) {
                for (int call = 0; call < 100; call++) {
                    int to = random.nextInt(4);
                    int from = random.nextInt(4);
                    int vectors = random.nextInt(1, 4);
                    int target = random.nextInt(45);
                    int source = random.nextInt(45);
                    if (to == from) {
                        continue;
                    }
                    for (int i = 0; i < 8 * vectors; i++) {
                        expected[to][8 * target + i] += expected[from][8 * source + i];
                    }
                    list.call(add);
                    at(list, to, target, outside);
                    at(list, from, source, outside);
                    list.at(Base.NONE, 0).at(Base.NONE, 0).numbers(vectors, 0, 0, 0);
                }
                list.run(
                        MemorySegment.ofArray(actual[0]),
                        MemorySegment.ofArray(actual[1]),
                        MemorySegment.ofArray(actual[2]),
                        outside);
                assertEquals(0, list.count());
            }
            for (int array = 0; array < 3; array++) {
                assertArrayEquals(expected[array], actual[array]);
            }
            assertArrayEquals(expected[3], outside.toArray(ValueLayout.JAVA_FLOAT));
        }
    }

    private static void at(CallList list, int array, int vector, MemorySegment outside) {
        if (array < 3) {
            list.at(ARRAYS[array], 32L * vector);
        } else {
            list.at(Base.NONE, outside.address() + 32L * vector);
        }
    }
}
