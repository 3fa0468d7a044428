namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            _handle = Native.Check(Native.semsam_generator_new(seed, this.device.Packed));
        }

        private Generator(nint handle, Device device)
        {
            _handle = handle;
            this.device = device;
        }

        ~Generator() => Dispose(false);

        /// <summary>The CPU's default generator, seeded by torch.manual_seed.</summary>
        public static Generator Default => new(Native.Check(Native.semsam_generator_default(CPU.Packed)), CPU);

        public nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Device device { get; }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.semsam_generator_set_seed(Handle, (ulong)seed));
            return this;
        }

        public long initial_seed() => (long)Native.semsam_generator_get_seed(Handle);

        public long seed() => (long)Native.semsam_generator_reseed(Handle);

        public Tensor get_state() => Tensor.Take(Native.Check(Native.semsam_generator_get_state(Handle)));

        public void set_state(Tensor value)
        {
            Native.Check(Native.semsam_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            nint handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0) Native.semsam_generator_free(handle);
        }
    }
}
