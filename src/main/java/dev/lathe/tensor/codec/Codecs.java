package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** All codecs. A new format is a line here. */
final class Codecs {
    private static final Map<String, Codebook> CODEBOOKS = Codebook.readAll();

    private static final Map<TensorType, BlockCodec> BY_TYPE = byType(
            new PlainCodec(TensorType.F32),
            new PlainCodec(TensorType.F16),
            new PlainCodec(TensorType.BF16),
            symmetric(TensorType.Q4_0, -8, 7),
            symmetric(TensorType.Q5_0, -16, 15),
            affine(TensorType.Q4_1, 15),
            affine(TensorType.Q5_1, 31),
            magnitude(new ByteLayout(TensorType.Q8_0), 127, 0),
            magnitude(new TernaryLayout(TensorType.TQ1_0), 1, 52),
            magnitude(new TernaryLayout(TensorType.TQ2_0), 1, 64),
            searched(
                    new NibbleLayout(TensorType.IQ4_NL, Levels.nonlinear()),
                    layout -> new SearchedScaleEncoder(layout, 0)),
            searched(new NibbleLayout(TensorType.MXFP4, Levels.fourBitFloats()), Mxfp4Encoder::new),
            searched(new TwoBitSuperLayout(), AffineSuperEncoder::new),
            searched(new FourFiveBitSuperLayout(TensorType.Q4_K), AffineSuperEncoder::new),
            searched(new FourFiveBitSuperLayout(TensorType.Q5_K), AffineSuperEncoder::new),
            searched(new ThreeBitSuperLayout(), SymmetricSuperEncoder::new),
            searched(new SixBitSuperLayout(), SymmetricSuperEncoder::new),
            searched(new NonlinearSuperLayout(Levels.nonlinear()), SymmetricSuperEncoder::new),
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

    private static BlockCodec symmetric(TensorType type, int lowest, int highest) {
        BlockLayout layout = new NibbleLayout(type, BlockLayout.integers(lowest, highest));
        return scaled(layout, () -> new SymmetricEncoder(layout), () -> new SearchedScaleEncoder(layout, 0));
    }

    private static BlockCodec affine(TensorType type, int highest) {
        BlockLayout layout = new NibbleLayout(type, BlockLayout.integers(0, highest));
        return scaled(layout, () -> new AffineEncoder(layout), () -> new SearchedAffineEncoder(layout));
    }

    private static BlockCodec magnitude(BlockLayout layout, int highest, int scaleAt) {
        return scaled(
                layout,
                () -> new MagnitudeEncoder(layout, highest, scaleAt),
                () -> new SearchedScaleEncoder(layout, scaleAt));
    }

    /** One encoder without importances and with them. */
    private static <L extends BlockLayout> BlockCodec searched(L layout, Function<L, BlockEncoder> encoder) {
        return scaled(layout, () -> encoder.apply(layout), () -> encoder.apply(layout));
    }

    private static BlockCodec scaled(
            BlockLayout layout, Supplier<BlockEncoder> plain, Supplier<BlockEncoder> searching) {
        return new ScaledCodec(layout, () -> new ChoosingEncoder(layout.type(), plain.get(), searching.get()));
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
