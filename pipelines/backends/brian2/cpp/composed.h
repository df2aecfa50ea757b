// Cells with up to MAX_RECEPTORS receptors. Columns of each receptor: two states (conductance or
// current, and its rise), the sum of arriving weights, and the parameters of `Receptor`.
const int MAX_RECEPTORS = 16;
struct Receptor {
  enum { E_REV, TAU_RISE, TAU_DECAY, JUMP, JUMP_RISE, IS_CURRENT, PARAMETERS };
};

template <int OWN, int PARAMETERS>
struct Composed : Cell<OWN + 2 * MAX_RECEPTORS, MAX_RECEPTORS,
                       PARAMETERS + MAX_RECEPTORS * Receptor::PARAMETERS> {
  int receptors;

  int size() const { return OWN + 2 * receptors; }
  const double *receptor(int k) const { return this->p + PARAMETERS + k * Receptor::PARAMETERS; }

  void load(double *const *columns, long i, double dt, int number)
  {
    receptors = number;
    this->load_some(columns, i, dt, size(), number, PARAMETERS + number * Receptor::PARAMETERS);
  }

  void store(double *const *columns, long i) const
  {
    this->store_some(columns, i, size(), receptors);
  }

  void receive()
  {
    for (int k = 0; k < receptors; ++k) {
      this->y[OWN + 2 * k] += this->arriving[k] * receptor(k)[Receptor::JUMP];
      this->y[OWN + 2 * k + 1] += this->arriving[k] * receptor(k)[Receptor::JUMP_RISE];
    }
  }

  // Set the derivatives of the receptors' states, and return their total current.
  double synaptic(const double *y, double v, double *f) const
  {
    double current = 0.0;
    for (int k = 0; k < receptors; ++k) {
      const int g = OWN + 2 * k, rise = g + 1;
      const double *r = receptor(k);
      current += r[Receptor::IS_CURRENT] ? y[g] : y[g] * (r[Receptor::E_REV] - v);
      f[rise] = -y[rise] / r[Receptor::TAU_RISE];
      f[g] = y[rise] - y[g] / r[Receptor::TAU_DECAY];
    }
    return current;
  }
};

struct ComposedExponential : Composed<2, A_TAU_W + 1> {
  enum { V, W };
  double absolute() const { return 1e-6; }
  double relative() const { return 1e-6; }

  void derivative(const double *y, double *f) const
  {
    const bool is_refractory = refractory_left > 0.0;
    const double v = is_refractory ? p[A_V_RESET] : smaller(y[V], p[A_V_PEAK]);
    const double current = synaptic(y, v, f);
    f[V] = is_refractory ? 0.0
                   : (-p[A_G_L] * (v - p[A_E_L]) + onset(p, v) + current - y[W] + p[A_I_E]
                      + injected) / p[A_C_M];
    f[W] = (p[A_A] * (v - p[A_E_L]) - y[W]) / p[A_TAU_W];
  }

  int step(double dt)
  {
    receive();
    return spiking_step(*this, dt, W);
  }
};

struct ComposedLeaky : Composed<1, A_I_E + 1> {
  void derivative(const double *y, double *f) const
  {
    const bool is_refractory = refractory_left > 0.0;
    const double v = is_refractory ? p[A_V_RESET] : smaller(y[0], p[A_V_TH]);
    const double current = synaptic(y, v, f);
    f[0] = is_refractory ? 0.0
                   : (-p[A_G_L] * (v - p[A_E_L]) + current + injected + p[A_I_E]) / p[A_C_M];
  }

  int step(double dt)
  {
    receive();
    integrate(*this, dt);
    return fire(*this, p[A_V_TH], p[A_V_RESET]);
  }
};

// Leaky integrate-and-fire with exponential currents, integrated exactly: `P_VV` and `P_VC` as in
// `Delta`. Over a step, a receptor's current adds JUMP times itself to v, and decays by JUMP_RISE.
struct ComposedCurrents : Composed<1, 6> {
  enum { E_L, V_RESET, V_TH, I_E, P_VV, P_VC };

  int step(double)
  {
    double v = (y[0] - p[E_L]) * p[P_VV] + (p[I_E] + injected) * p[P_VC];
    for (int k = 0; k < receptors; ++k) {
      double &current = y[1 + 2 * k];
      current += arriving[k];
      v += receptor(k)[Receptor::JUMP] * current;
      current *= receptor(k)[Receptor::JUMP_RISE];
    }
    if (!(refractory_left > 0.0))
      y[0] = v + p[E_L];
    return fire(*this, p[V_TH], p[V_RESET]);
  }
};

// One time step of all cells of a kind. `spikes` gets the rows of the cells that fire, and in its
// last element their number, which is returned. A negative result is -2 i - 1 if cell i is
// unstable, and -2 i - 2 if it fires twice.
template <class Model>
long step_all(double *const *columns, long n, double dt, int *spikes, int receptors)
{
  int fired = 0;
  for (long i = 0; i < n; ++i) {
    Model cell;
    cell.load(columns, i, dt, receptors);
    const int spike = cell.step(dt);
    if (spike < 0)
      return -2 * i + spike;
    if (spike)
      spikes[fired++] = static_cast<int>(i);
    cell.store(columns, i);
  }
  spikes[n] = fired;
  return fired;
}
