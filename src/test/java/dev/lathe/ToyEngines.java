package dev.lathe;

import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.serve.EngineOptions;

/** Models and engines on toys, for tests of other packages. */
public final class ToyEngines {
    /** The token that ends a text, and the one that ends a line; letters are 0 to 25. */
    public static final int END = ToyModels.END;

    public static final int LINE = 27;

    private ToyEngines() {}

    public static Model model(int contextLength, ToyLanguageModel.Law law) {
        return ToyModels.of(new ToyLanguageModel(ToyModels.VOCABULARY, contextLength, law));
    }

    public static Engine engine(ToyLanguageModel toy, EngineOptions options) {
        return ToyModels.of(toy).engine(options);
    }

    public static ToyLanguageModel toy(int contextLength, ToyLanguageModel.Law law) {
        return new ToyLanguageModel(ToyModels.VOCABULARY, contextLength, law);
    }
}
