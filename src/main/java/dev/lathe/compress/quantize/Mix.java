package dev.lathe.compress.quantize;

import static dev.lathe.tensor.TensorType.Q3_K;
import static dev.lathe.tensor.TensorType.Q4_K;
import static dev.lathe.tensor.TensorType.Q5_K;

import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.TensorType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The named mixes that files are known by: which type each matrix of a model gets. The choices, and so the sizes of files,
 * are those of llama.cpp's tool {@code llama-quantize}.
 *
 * <p>The head, or an embedding that serves as one, is Q6_K (Q8_0 with Q8_0 and MXFP4). Unlike that tool's mix of the same
 * type, which is for experts, MXFP4 stands for that type in every layer.
 */
public enum Mix {
    Q4_0(2, TensorType.Q4_0) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return isGuarded(weight, model) ? TensorType.Q4_1 : baseType();
        }
    },
    Q4_1(3, TensorType.Q4_1),
    Q5_0(8, TensorType.Q5_0) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return isGuarded(weight, model) ? TensorType.Q5_1 : baseType();
        }
    },
    Q5_1(9, TensorType.Q5_1),
    Q8_0(7, TensorType.Q8_0),
    Q2_K(10, TensorType.Q2_K) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return switch (weight.denseRole()) {
                case VALUE -> model.sharesValues() ? Q4_K : Q3_K;
                case ATTENTION_OUTPUT, DOWN -> Q3_K;
                default -> baseType();
            };
        }
    },
    Q2_K_S(21, TensorType.Q2_K) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return switch (weight.denseRole()) {
                case VALUE -> model.sharesValues() ? Q4_K : baseType();
                case DOWN -> model.isInFirst(8, weight.layer()) ? Q4_K : baseType();
                default -> baseType();
            };
        }
    },
    Q3_K_S(11, Q3_K),
    Q3_K_M(12, Q3_K) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return switch (weight.denseRole()) {
                case VALUE -> weight.layer() < 2 ? Q5_K : Q4_K;
                case DOWN -> model.isInFirst(16, weight.layer()) ? Q5_K : Q4_K;
                case ATTENTION_OUTPUT -> Q4_K;
                default -> baseType();
            };
        }
    },
    Q3_K_L(13, Q3_K) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return switch (weight.denseRole()) {
                case VALUE, ATTENTION_OUTPUT, DOWN -> Q5_K;
                default -> baseType();
            };
        }
    },
    Q4_K_S(14, Q4_K) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return switch (weight.denseRole()) {
                case VALUE -> weight.layer() < 4 ? Q5_K : baseType();
                case DOWN -> model.isInFirst(8, weight.layer()) ? Q5_K : baseType();
                default -> baseType();
            };
        }
    },
    Q4_K_M(15, Q4_K) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return moreBitsInSomeLayers(weight, model);
        }
    },
    Q5_K_S(16, Q5_K),
    Q5_K_M(17, Q5_K) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return moreBitsInSomeLayers(weight, model);
        }
    },
    Q6_K(18, TensorType.Q6_K),
    IQ4_NL(25, TensorType.IQ4_NL) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return moreBitsInFirstLayers(weight, model);
        }
    },
    IQ4_XS(30, TensorType.IQ4_XS) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return moreBitsInFirstLayers(weight, model);
        }
    },
    TQ1_0(36, TensorType.TQ1_0) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return weight.denseRole() == TensorRole.EMBEDDING ? Q4_K : baseType();
        }
    },
    TQ2_0(37, TensorType.TQ2_0) {
        @Override
        TensorType inLayer(Weight weight, ModelTraits model) {
            return weight.denseRole() == TensorRole.EMBEDDING ? Q4_K : baseType();
        }
    },
    MXFP4(38, TensorType.MXFP4);

    private static final int FEW_EXPERTS = 8;

    private final int fileType;
    private final TensorType baseType;

    Mix(int fileType, TensorType baseType) {
        this.fileType = fileType;
        this.baseType = baseType;
    }

    /**
     * The mix of a name such as {@code Q4_K_M}, in any case of letters.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Mix of(String name) {
        for (Mix mix : values()) {
            if (mix.name().equals(name.toUpperCase(Locale.ROOT))) {
                return mix;
            }
        }
        throw new IllegalArgumentException("no mix is named " + name + "; there are "
                + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")));
    }

    /** The type that most matrices get. */
    public TensorType baseType() {
        return baseType;
    }

    /** The number that stands for the mix in a file's {@code general.file_type}. */
    int fileType() {
        return fileType;
    }

    TensorType choose(Weight weight, ModelTraits model) {
        if (weight.isHead()) {
            return baseType == TensorType.Q8_0 || baseType == TensorType.MXFP4 ? TensorType.Q8_0 : TensorType.Q6_K;
        }
        TensorType type = model.expertCount() == FEW_EXPERTS ? besideFewExperts(weight, model) : inLayer(weight, model);
        if (weight.role() == TensorRole.QUERY_KEY_VALUE) {
            return fused();
        }
        boolean few = type == Q3_K || type == Q4_K;
        return few && weight.role() == TensorRole.VALUE && model.isOf70Billion() ? Q5_K : type;
    }

    /** Queries, keys and values in one matrix: a little more, because values are among them. */
    private TensorType fused() {
        return switch (this) {
            case Q3_K_M, Q3_K_L -> Q4_K;
            case Q4_K_M -> Q5_K;
            case Q5_K_M -> TensorType.Q6_K;
            default -> baseType;
        };
    }

    /** Beside eight experts, attention is so small that bits for it are cheap. */
    private TensorType besideFewExperts(Weight weight, ModelTraits model) {
        return switch (weight.role()) {
            case KEY, VALUE -> TensorType.Q8_0;
            case ATTENTION_OUTPUT ->
                switch (this) {
                    case Q2_K, Q3_K_S, Q3_K_M, Q4_K_S, Q4_K_M, IQ4_NL, IQ4_XS -> Q5_K;
                    default -> baseType;
                };
            default -> inLayer(weight, model);
        };
    }

    /** The type of a matrix other than the head. */
    TensorType inLayer(Weight weight, ModelTraits model) {
        return baseType;
    }

    /** With importances, the first layers' down matrices can go astray without a minimum of each block. */
    private static boolean isGuarded(Weight weight, ModelTraits model) {
        return weight.denseRole() == TensorRole.DOWN && model.weighted() && model.isInFirst(8, weight.layer());
    }

    TensorType moreBitsInSomeLayers(Weight weight, ModelTraits model) {
        boolean sensitive = weight.role() == TensorRole.VALUE || weight.denseRole() == TensorRole.DOWN;
        return sensitive && model.deservesMoreBits(weight.layer()) ? TensorType.Q6_K : baseType;
    }

    TensorType moreBitsInFirstLayers(Weight weight, ModelTraits model) {
        return switch (weight.role()) {
            case VALUE -> model.sharesValues() ? Q5_K : baseType;
            case DOWN -> model.isInFirst(8, weight.layer()) && !model.weighted() ? Q5_K : baseType;
            default -> baseType;
        };
    }
}
