// Torch uses every core by itself; two tests at once would only fight over them, and leak counts would mix.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
