package dev.lathe.model;

/** A model that is another one but for its states. Thread-safe, as the other model. */
public interface ForwardingModel extends LanguageModel {
    /** The model that is asked. */
    LanguageModel inner();

    @Override
    default int vocabularySize() {
        return inner().vocabularySize();
    }

    @Override
    default long vocabularyFingerprint() {
        return inner().vocabularyFingerprint();
    }

    @Override
    default int contextLength() {
        return inner().contextLength();
    }
}
