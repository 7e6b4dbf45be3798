package dev.lathe.model.config;

/**
 * The name of a tensor, taken apart.
 *
 * @param layer its layer, counted from 0; -1 outside of layers
 * @param role what it is for
 * @param name as the file has it
 */
public record TensorName(int layer, TensorRole role, String name) {
    static final String WEIGHT = ".weight";
    static final String BIAS = ".bias";
    private static final String LAYERS = "blk.";
    private static final int MAX_DIGITS = 6;

    /** Takes any name apart; what is not known has the role {@link TensorRole#OTHER}. */
    public static TensorName of(String name) {
        int layer = -1;
        int start = 0;
        if (name.startsWith(LAYERS)) {
            int end = name.indexOf('.', LAYERS.length());
            int digits = end - LAYERS.length();
            if (digits >= 1
                    && digits <= MAX_DIGITS
                    && name.chars().skip(LAYERS.length()).limit(digits).allMatch(c -> c >= '0' && c <= '9')) {
                layer = Integer.parseInt(name, LAYERS.length(), end, 10);
                start = end + 1;
            }
        }
        return new TensorName(layer, role(name.substring(start)), name);
    }

    /** A stem may have a dot itself, as {@code cls.output} has, and what follows the stem may have some too. */
    private static TensorRole role(String inLayer) {
        int last = inLayer.lastIndexOf('.');
        TensorRole role = TensorRole.ofStem(last < 0 ? inLayer : inLayer.substring(0, last));
        return role == TensorRole.OTHER && last >= 0
                ? TensorRole.ofStem(inLayer.substring(0, inLayer.indexOf('.')))
                : role;
    }

    /** What the names of a layer's tensors begin with: {@code blk.3.}. */
    public static String prefix(int layer) {
        return LAYERS + layer + ".";
    }

    /** The name without the part that says the layer, such as {@code ffn_up.weight}. */
    public String inLayer() {
        return layer < 0 ? name : name.substring(name.indexOf('.', LAYERS.length()) + 1);
    }

    /** The same tensor in another layer. */
    public String inLayer(int other) {
        return prefix(other) + inLayer();
    }

    /** The name with a star for the layer, the same for all layers: {@code blk.*.ffn_up.weight}. */
    public String pattern() {
        return layer < 0 ? name : LAYERS + "*." + inLayer();
    }

    /** Whether it is what is added, not what is multiplied. */
    public boolean isBias() {
        return name.endsWith(BIAS);
    }

    /** The name of what is added to the outputs of a matrix {@code NAME.weight}. */
    public static String biasOf(String matrix) {
        return matrix.substring(0, matrix.length() - WEIGHT.length()) + BIAS;
    }
}
