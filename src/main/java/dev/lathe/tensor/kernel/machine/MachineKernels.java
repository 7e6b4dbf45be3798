package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheKernels;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.FloatKernel;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.LMulKernels;
import dev.lathe.tensor.kernel.LaneBits;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.ProductKernel;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.SparseKernels;
import dev.lathe.tensor.kernel.TernaryKernels;
import dev.lathe.tensor.kernel.TileLayout;
import dev.lathe.tensor.kernel.TilePacking;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Kernels of another set, but for what most of the time goes to, which is machine code for one kind of processor: products,
 * attention, norms, softmax and gates, sparse layers. The code is
 * written as layouts of weights turn up, and stays for as long as the set can be reached.
 */
public final class MachineKernels implements Kernels {
    private final Target target;
    private final Supplier<Kernels> base;
    private final Supplier<Trials> trials;
    private final CodeMemory memory;
    private final Map<TileLayout, ProductKernel> products = new ConcurrentHashMap<>();
    private final MachineFloats floats;
    private final MachineElementwise elementwise;
    private final CacheKernels cache;
    private final SparseKernels sparse;
    private final Routines quantize;
    private final Routines callList;
    private final Map<List<Integer>, PanelForm> forms = new ConcurrentHashMap<>();
    private final Map<String, Optional<TilePacking>> packings = new ConcurrentHashMap<>();

    /**
     * A set for a kind of processor.
     *
     * @param base gives the set that computes everything else, once anything asks for it
     * @throws UnsupportedOperationException if the system lets nobody write code
     */
    public MachineKernels(Target target, Supplier<Kernels> base) {
        this(target, base, Trials::asConfigured, new CodeMemory(Arena.ofAuto()));
    }

    /** A set whose products of many rows have their shape from elsewhere, and whose code lies in some memory. */
    MachineKernels(Target target, Supplier<Kernels> base, Supplier<Trials> trials, CodeMemory memory) {
        this.target = target;
        this.base = base;
        this.trials = trials;
        this.memory = memory;
        memory.check();
        floats = new MachineFloats(target, memory);
        cache = new MachineCache(target, memory);
        sparse = new MachineSparse(target, memory);
        elementwise = new MachineElementwise(target, memory);
        int least = Float.floatToRawIntBits(QuantizedActivations.LEAST);
        callList = new Routines(0, _ -> CallList.code(), memory);
        quantize = new Routines(0, _ -> ActivationCode.quantize(least), memory);
    }

    @Override
    public String name() {
        return target.label();
    }

    @Override
    public Optional<ProductKernel> product(TileLayout layout) {
        if (layout.signed() && layout.scales().hasMinimum()) {
            return Optional.empty(); // a panel has one number for a group; no format needs both its uses
        }
        return Optional.of(products.computeIfAbsent(
                layout,
                key -> new MachineProduct(target, key, this::shared, quantize, callList, trials.get(), memory)));
    }

    /** Layouts whose activations lie alike share one copy of them. */
    private PanelForm shared(PanelForm form) {
        List<Integer> key =
                new ArrayList<>(List.of(form.factor(), form.groups(), form.valueBytes(), form.hasScaledSums() ? 1 : 0));
        for (int column : form.order()) {
            key.add(column);
        }
        PanelForm known = forms.putIfAbsent(key, form);
        return known == null ? form : known;
    }

    @Override
    public Optional<FloatKernel> floats() {
        return Optional.of(floats);
    }

    @Override
    public Optional<TilePacking> packing(String format, Supplier<Optional<LaneBits>> bits) {
        return packings.computeIfAbsent(
                format, key -> bits.get().map(found -> new MachinePacking(target, found, memory)));
    }

    @Override
    public ElementwiseKernels elementwise() {
        return elementwise;
    }

    @Override
    public AttentionKernels attention() {
        return floats;
    }

    @Override
    public CacheKernels cache() {
        return cache;
    }

    @Override
    public LMulKernels lMul() {
        return base.get().lMul();
    }

    @Override
    public TernaryKernels ternary() {
        return base.get().ternary();
    }

    @Override
    public MatrixKernels matrices() {
        return base.get().matrices();
    }

    @Override
    public SparseKernels sparse() {
        return sparse;
    }
}
