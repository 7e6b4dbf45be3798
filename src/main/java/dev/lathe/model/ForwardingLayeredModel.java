package dev.lathe.model;

/** A {@link ForwardingModel} before a model of layers. */
public interface ForwardingLayeredModel extends ForwardingModel, LayeredModel {
    @Override
    LayeredModel inner();

    @Override
    default int layerCount() {
        return inner().layerCount();
    }

    @Override
    default boolean sharesBasis() {
        return inner().sharesBasis();
    }
}
