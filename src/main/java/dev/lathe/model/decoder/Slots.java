package dev.lathe.model.decoder;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import java.util.HashMap;
import java.util.Map;

/** Scratch memory for products that run beside each other, such as those of heads or experts; grows on demand. Of one pass at a time. */
final class Slots {
    /**
     * A place in memory.
     *
     * @param use what it is for
     * @param index which of those beside each other
     * @param columns length of a row
     */
    private record Place(String use, int index, int columns) {}

    private final Map<Place, Activations> inputs = new HashMap<>();
    private final Map<Place, float[]> outputs = new HashMap<>();

    /** The input of a linear layer, to be filled. */
    Activations input(String use, int index, int rows, int columns) {
        Place place = new Place(use, index, columns);
        Activations input = inputs.get(place);
        if (input == null || input.matrix().rows() < rows) {
            input = new Activations(rows, columns);
            inputs.put(place, input);
        }
        return input;
    }

    /** The output of a linear layer. */
    FloatMatrix output(String use, int index, int rows, int columns) {
        Place place = new Place(use, index, columns);
        int size = Math.multiplyExact(rows, columns);
        float[] output = outputs.get(place);
        if (output == null || output.length < size) {
            output = new float[size];
            outputs.put(place, output);
        }
        return new FloatMatrix(output, rows, columns);
    }
}
