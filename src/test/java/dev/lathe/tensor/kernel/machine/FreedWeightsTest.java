package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.FloatProduct;
import dev.lathe.tensor.kernel.FloatRows;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.QuantizedProduct;
import dev.lathe.tensor.kernel.TileLayout;
import dev.lathe.tensor.store.WeightMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that are freed while products read them end those with an exception, never the virtual machine. */
class FreedWeightsTest {
    private static final int ROUNDS = 20;
    private static final int OUTPUTS = 512;
    private static final int COLUMNS = 1024;

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 100})
    void quantizedProductsEndWithAnException(int rows) throws InterruptedException {
        TileLayout layout = Layouts.ALL.getFirst();
        for (Kernels kernels : KernelSets.ALL) {
            QuantizedActivations x = new QuantizedActivations(rows + 3 & ~3, COLUMNS);
            float[] out = new float[rows * OUTPUTS];
            assertEnds(OUTPUTS / 64 * layout.tileBytes(COLUMNS / 32), weights -> {
                QuantizedProduct product = new QuantizedProduct(layout, weights, OUTPUTS, COLUMNS, kernels);
                x.derive(product, rows);
                return () -> product.multiply(0, OUTPUTS / 64, x, rows, out, OUTPUTS);
            });
        }
    }

    @Test
    void productsOfPlainNumbersEndWithAnException() throws InterruptedException {
        for (Kernels kernels : KernelSets.ALL) {
            for (FloatPlane plane : FloatPlane.values()) {
                float[] out = new float[20 * OUTPUTS];
                FloatRows x = new FloatRows(new float[20 * COLUMNS], false);
                assertEnds((long) plane.columnBytes() * COLUMNS * OUTPUTS / 64, weights -> {
                    FloatProduct product = new FloatProduct(plane, weights, OUTPUTS, COLUMNS, kernels);
                    return () -> product.multiply(0, OUTPUTS / 64, x, 0, 20, out, OUTPUTS);
                });
            }
        }
    }

    private static void assertEnds(long bytes, Function<MemorySegment, Runnable> product) throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            WeightMemory memory = WeightMemory.open();
            Runnable multiply = product.apply(memory.allocate(bytes));
            CountDownLatch begun = new CountDownLatch(1);
            AtomicReference<RuntimeException> end = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                try {
                    while (true) {
                        multiply.run();
                        begun.countDown();
                    }
                } catch (RuntimeException e) {
                    end.set(e);
                }
            });
            thread.start();
            begun.await();
            memory.close();
            thread.join();
            assertNotNull(end.get());
            assertEquals(IllegalStateException.class, end.get().getClass(), end.get()::toString);
        }
    }
}
