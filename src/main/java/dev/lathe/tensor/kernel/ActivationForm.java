package dev.lathe.tensor.kernel;

/**
 * What kernels derive from the bytes of {@link QuantizedActivations}, once for all layers that read the same rows. Forms are told
 * apart by identity.
 */
public interface ActivationForm {
    /** Bytes that {@link QuantizedActivations#bytes} keeps of this form for so many values; 0 if it lies elsewhere. */
    default int byteCount(int values) {
        return 0;
    }
}
