namespace TorchSharp;

public static partial class torch
{
    /// <summary>Where a tensor lives: a kind of device and, for CUDA, which one (-1: the current one).</summary>
    public class Device
    {
        public DeviceType type { get; }
        public int index { get; }

        /// <param name="description">"cpu", "cuda", "cuda:0", "mps" or "meta".</param>
        public Device(string description)
        {
            string[] parts = description.Split(':');
            type = Parse(parts[0], description);
            index = parts.Length switch
            {
                1 => -1,
                2 when int.TryParse(parts[1], out int i) && i >= 0 => i,
                _ => throw new ArgumentException($"'{description}' is no device: expected a type or type:index, as in cpu or cuda:0.", nameof(description)),
            };
        }

        public Device(string deviceType, int index = -1)
        {
            type = Parse(deviceType, deviceType);
            this.index = index;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(int index) : this(DeviceType.CUDA, index) { }

        internal long Packed => (long)(byte)type | ((long)index << 32);

        internal static Device Unpack(long packed)
        {
            var type = (DeviceType)(byte)packed;
            int index = (int)(packed >> 32);
            return type switch
            {
                DeviceType.CPU => CPU,
                DeviceType.CUDA when index == 0 => s_cuda0,
                _ => new Device(type, index),
            };
        }

        private static readonly Device s_cuda0 = new(DeviceType.CUDA, 0);

        public static implicit operator Device(string description) => new(description);

        public override string ToString() => index >= 0 ? $"{type.ToString().ToLowerInvariant()}:{index}" : type.ToString().ToLowerInvariant();

        public override bool Equals(object? obj) => obj is Device other && other.type == type && other.index == index;

        public override int GetHashCode() => Packed.GetHashCode();

        private static DeviceType Parse(string name, string whole) => name switch
        {
            "cpu" => DeviceType.CPU,
            "cuda" => DeviceType.CUDA,
            "mps" => DeviceType.MPS,
            "meta" => DeviceType.META,
            _ => throw new ArgumentException($"'{whole}' is no device: expected cpu, cuda, mps or meta, with :index where there are several.", nameof(whole)),
        };
    }

    public static readonly Device CPU = new(DeviceType.CPU, -1);
    public static readonly Device META = new(DeviceType.META, -1);
    public static Device CUDA => InitializeDevice(new Device(DeviceType.CUDA, -1));
    public static Device MPS => new(DeviceType.MPS, -1);

    public static Device device(string description) => new(description);
    public static Device device(string deviceType, int index = -1) => new(deviceType, index);
    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);
    public static Device device(int index) => new(index);

    /// <summary>Checks that the device exists in this libtorch; null stands for the CPU.</summary>
    public static Device InitializeDevice(Device? device)
    {
        device ??= CPU;
        InitializeDeviceType(device.type);
        return device;
    }

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType != DeviceType.CUDA || cuda_is_available();
}
