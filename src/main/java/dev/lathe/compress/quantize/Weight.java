package dev.lathe.compress.quantize;

import dev.lathe.compress.Sensitivity;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;

/**
 * A matrix whose type can be chosen.
 *
 * @param tensor name, type and size as they are
 * @param role what it is for
 * @param layer the decoder layer it belongs to, or -1
 * @param isHead whether it gives the logits: the head, or an embedding that serves as one
 */
record Weight(TensorInfo tensor, TensorRole role, int layer, boolean isHead) {
    static Weight of(TensorInfo tensor, boolean tied) {
        TensorName name = TensorName.of(tensor.name());
        TensorRole role = name.role();
        boolean head = role == TensorRole.HEAD || tied && role == TensorRole.EMBEDDING;
        return new Weight(tensor, role, name.layer(), head);
    }

    /** What it would be for in a dense model. */
    TensorRole denseRole() {
        return switch (role) {
            case EXPERT_GATE, SHARED_GATE -> TensorRole.GATE;
            case EXPERT_UP, SHARED_UP -> TensorRole.UP;
            case EXPERT_DOWN, SHARED_DOWN -> TensorRole.DOWN;
            default -> role;
        };
    }

    /** Whether it turns the residual stream or is not known, so that fewer bits than 8 are a risk. */
    boolean isDelicate() {
        return role == TensorRole.OTHER || role.isRotation();
    }

    /** Whether a tensor is a matrix that multiplies; norms, biases and other vectors keep their type. */
    static boolean isOne(TensorInfo tensor) {
        TensorRole role = TensorRole.of(tensor.name());
        return tensor.dimensions().size() > 1
                && !role.isRouter()
                && (role == TensorRole.EMBEDDING || !role.isLookedUp())
                && !role.isClassifier()
                && tensor.name().endsWith("weight")
                && !tensor.name().endsWith("_norm.weight");
    }

    /** Becoming what it was encoded as, for measuring what that does. */
    Sensitivity.Change change(Encoded encoded) {
        Sensitivity.Place place =
                switch (role) {
                    case EMBEDDING -> isHead ? Sensitivity.Place.EMBEDDING_AND_HEAD : Sensitivity.Place.EMBEDDING;
                    case HEAD -> Sensitivity.Place.HEAD;
                    default -> Sensitivity.Place.LAYER;
                };
        return new Sensitivity.Change(
                place, layer, edit -> edit.put(tensor.name(), encoded.type(), tensor.dimensions(), encoded.content()));
    }

    /** Length of a row. */
    long columns() {
        return tensor.dimension(0);
    }
}
