package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** All codecs. A new format is a line here. */
final class Codecs {
    private static final Map<String, Codebook> CODEBOOKS = Codebook.readAll();

    private static final Map<TensorType, BlockCodec> BY_TYPE = byType(
            new PlainCodec(TensorType.F32),
            new PlainCodec(TensorType.F16),
            new PlainCodec(TensorType.BF16),
            scaled(new NibbleLayout(TensorType.Q4_0, BlockLayout.integers(-8, 7)), SymmetricEncoder::new),
            scaled(new NibbleLayout(TensorType.Q5_0, BlockLayout.integers(-16, 15)), SymmetricEncoder::new),
            scaled(new NibbleLayout(TensorType.Q4_1, BlockLayout.integers(0, 15)), AffineEncoder::new),
            scaled(new NibbleLayout(TensorType.Q5_1, BlockLayout.integers(0, 31)), AffineEncoder::new),
            scaled(new ByteLayout(TensorType.Q8_0), layout -> new MagnitudeEncoder(layout, 127, 0)),
            scaled(new TernaryLayout(TensorType.TQ1_0), layout -> new MagnitudeEncoder(layout, 1, 52)),
            scaled(new TernaryLayout(TensorType.TQ2_0), layout -> new MagnitudeEncoder(layout, 1, 64)),
            scaled(new NibbleLayout(TensorType.MXFP4, Levels.fourBitFloats()), Mxfp4Encoder::new),
            decoded(new NibbleLayout(TensorType.IQ4_NL, Levels.nonlinear())),
            decoded(new TwoBitSuperLayout()),
            decoded(new ThreeBitSuperLayout()),
            decoded(new FourFiveBitSuperLayout(TensorType.Q4_K)),
            decoded(new FourFiveBitSuperLayout(TensorType.Q5_K)),
            decoded(new SixBitSuperLayout()),
            decoded(new NonlinearSuperLayout(Levels.nonlinear())),
            decoded(new ByteLayout(TensorType.Q8_K)),
            decoded(new Nvfp4Layout(Levels.fourBitFloats())),
            decoded(new SmallLayout(TensorType.Q1_0)),
            decoded(new SmallLayout(TensorType.Q2_0)),
            new OneBitCodebookCodec(TensorType.IQ1_S, CODEBOOKS.get("IQ1_S")),
            new OneBitCodebookCodec(TensorType.IQ1_M, CODEBOOKS.get("IQ1_S")),
            new TwoBitCodebookCodec(TensorType.IQ2_XXS, CODEBOOKS.get("IQ2_XXS")),
            new TwoBitCodebookCodec(TensorType.IQ2_XS, CODEBOOKS.get("IQ2_XS")),
            new TwoBitCodebookCodec(TensorType.IQ2_S, CODEBOOKS.get("IQ2_S")),
            new ThreeBitCodebookCodec(TensorType.IQ3_XXS, CODEBOOKS.get("IQ3_XXS")),
            new ThreeBitCodebookCodec(TensorType.IQ3_S, CODEBOOKS.get("IQ3_S")));

    private Codecs() {}

    static BlockCodec of(TensorType type) {
        BlockCodec codec = BY_TYPE.get(type);
        if (codec == null) {
            throw new IllegalArgumentException(
                    "no codec reads or writes elements of type " + type + "; there are codecs of " + types());
        }
        return codec;
    }

    static Set<TensorType> types() {
        return Collections.unmodifiableSet(BY_TYPE.keySet());
    }

    static Set<TensorType> encodable() {
        Set<TensorType> types = EnumSet.noneOf(TensorType.class);
        BY_TYPE.values().stream().filter(BlockCodec::encodes).forEach(codec -> types.add(codec.type()));
        return types;
    }

    private static <L extends BlockLayout> BlockCodec scaled(L layout, Function<L, BlockEncoder> encoder) {
        return new ScaledCodec(layout, () -> encoder.apply(layout));
    }

    private static BlockCodec decoded(BlockLayout layout) {
        return new ScaledCodec(layout, null);
    }

    private static Map<TensorType, BlockCodec> byType(BlockCodec... codecs) {
        Map<TensorType, BlockCodec> map = new EnumMap<>(TensorType.class);
        for (BlockCodec codec : codecs) {
            map.put(codec.type(), codec);
        }
        return Collections.unmodifiableMap(map);
    }
}
