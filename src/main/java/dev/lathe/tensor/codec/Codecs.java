package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** All codecs. A new format is a line here. */
final class Codecs {
    private static final Map<TensorType, BlockCodec> BY_TYPE =
            byType(new PlainCodec(TensorType.F32), new PlainCodec(TensorType.F16), new PlainCodec(TensorType.BF16));

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

    private static Map<TensorType, BlockCodec> byType(BlockCodec... codecs) {
        Map<TensorType, BlockCodec> map = new EnumMap<>(TensorType.class);
        for (BlockCodec codec : codecs) {
            map.put(codec.type(), codec);
        }
        return Collections.unmodifiableMap(map);
    }
}
